// What ILC resolves by name, whether or not any code needs it.
namespace System.Runtime
{
    internal static class TypeCast
    {
        static void CheckCastAny() { }
        static void CheckCastInterface() { }
        static void CheckCastClass() { }
        static void CheckCastClassSpecial() { }
        static void IsInstanceOfAny() { }
        static void IsInstanceOfInterface() { }
        static void IsInstanceOfClass() { }
        static void IsInstanceOfException() { }
        static void StelemRef() { }
        static void LdelemaRef() { }
    }

    internal unsafe struct MethodTable
    {
        internal ushort ComponentSize;
        internal ushort Flags;
        internal uint BaseSize;
        internal MethodTable* Related;
        internal ushort VtableSlots;
        internal ushort Interfaces;
        internal uint HashCode;
    }

    /// <summary>Gives a C# function a symbol of its own, by which stubs and entry points find it.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeExportAttribute : Attribute { public RuntimeExportAttribute(string symbol) { } }

    /// <summary>Binds an extern method to a symbol: a stub of the linker, or one of its own symbols.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string symbol) { }
        public RuntimeImportAttribute(string library, string symbol) { }
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    using System;
    using CoSim.Guest;

    /// <summary>Where failed checks go.</summary>
    public static class ThrowHelpers
    {
        public static void ThrowIndexOutOfRangeException() => Machine.Panic(PanicReason.IndexOutOfRange);
        public static void ThrowDivideByZeroException() => Machine.Panic(PanicReason.DivideByZero);
        public static void ThrowOverflowException() => Machine.Panic(PanicReason.Overflow);
        public static void ThrowNullReferenceException() => Machine.Panic(PanicReason.NullReference);
        public static void ThrowFeatureBodyRemoved() => Machine.Panic(PanicReason.InvalidProgram);
        public static void ThrowInvalidProgramException() => Machine.Panic(PanicReason.InvalidProgram);
        public static void ThrowInvalidProgramExceptionWithArgument() => Machine.Panic(PanicReason.InvalidProgram);
    }

    internal static class StartupCodeHelpers { }

    internal static class LdTokenHelpers
    {
        private static RuntimeTypeHandle GetRuntimeTypeHandle(nint token) => default;
        private static RuntimeMethodHandle GetRuntimeMethodHandle(nint token) => default;
        private static RuntimeFieldHandle GetRuntimeFieldHandle(nint token) => default;
        private static Type GetRuntimeType(nint token) => null;
    }
}
