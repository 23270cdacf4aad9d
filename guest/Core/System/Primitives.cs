// The primitive types, with the constants that guest code uses.
namespace System
{
    public struct Void { }
    public struct Boolean { }
    public struct Char { }
    public struct SByte { public const sbyte MaxValue = 127, MinValue = -128; }
    public struct Byte { public const byte MaxValue = 255; }
    public struct Int16 { public const short MaxValue = 32767, MinValue = -32768; }
    public struct UInt16 { public const ushort MaxValue = 65535; }
    public struct Int32 { public const int MaxValue = 0x7FFFFFFF, MinValue = -MaxValue - 1; }
    public struct UInt32 { public const uint MaxValue = 0xFFFFFFFF; }
    public struct Int64 { public const long MaxValue = 0x7FFFFFFFFFFFFFFF, MinValue = -MaxValue - 1; }
    public struct UInt64 { public const ulong MaxValue = 0xFFFFFFFFFFFFFFFF; }
    public struct IntPtr { }
    public struct UIntPtr { }
    public struct Single { }
    public struct Double { }

    public ref struct TypedReference { }
    public struct RuntimeTypeHandle { }
    public struct RuntimeMethodHandle { }
    public struct RuntimeFieldHandle { }

    public struct Nullable<T> where T : struct
    {
        private readonly bool _hasValue;
        private readonly T _value;
        public Nullable(T value) { _value = value; _hasValue = true; }
        public readonly bool HasValue => _hasValue;
        public readonly T Value => _value;
        public readonly T GetValueOrDefault() => _value;
        public static implicit operator Nullable<T>(T value) => new Nullable<T>(value);
    }

    public struct ValueTuple<T1, T2>
    {
        public T1 Item1;
        public T2 Item2;
        public ValueTuple(T1 item1, T2 item2) { Item1 = item1; Item2 = item2; }
    }

    public struct ValueTuple<T1, T2, T3>
    {
        public T1 Item1;
        public T2 Item2;
        public T3 Item3;
        public ValueTuple(T1 item1, T2 item2, T3 item3) { Item1 = item1; Item2 = item2; Item3 = item3; }
    }

    public struct ValueTuple<T1, T2, T3, T4>
    {
        public T1 Item1;
        public T2 Item2;
        public T3 Item3;
        public T4 Item4;
        public ValueTuple(T1 item1, T2 item2, T3 item3, T4 item4) { Item1 = item1; Item2 = item2; Item3 = item3; Item4 = item4; }
    }
}
