// The roots of the type system: the members that the C# compiler and ILC look for, and nothing else.
namespace System
{
    public unsafe class Object
    {
        internal Runtime.MethodTable* m_pEEType;
        public Object() { }
        ~Object() { }
    }

    /// <summary>Only literals exist; text in guests is UTF-8 (<c>"text"u8</c>).</summary>
    public class String
    {
        public readonly int Length;
        internal char _firstChar;
    }

    public abstract class ValueType { }
    public abstract class Enum : ValueType { }
    public abstract class Attribute { }
    public abstract class Type { }
    public abstract class Delegate { }
    public abstract class MulticastDelegate : Delegate { }
    public class Exception { }

    public abstract class Array
    {
        internal int _numComponents;
        public int Length => _numComponents;
        internal ref byte GetRawData() => ref Runtime.CompilerServices.Unsafe.As<RawArrayData>(this).Data;
        private class RawArrayData { public uint Length, Padding; public byte Data; }
    }

    public class Array<T> : Array { }
}
