using System.Runtime.CompilerServices;

namespace CoSim.Guest
{
    /// <summary>Host stand-in for the instructions that the tested kernel code uses. Tests run on one thread.</summary>
    internal static unsafe class Machine
    {
        internal static void RepMovsb(void* to, void* from, nuint count) => Unsafe.CopyBlock(to, from, (uint)count);

        internal static void RepStosb(void* to, byte value, nuint count) => Unsafe.InitBlock(to, value, (uint)count);

        internal static uint ExchangeAdd32(void* location, uint value)
        {
            uint old = *(uint*)location;
            *(uint*)location = old + value;
            return old;
        }

        internal static ulong ExchangeAdd64(void* location, ulong value)
        {
            ulong old = *(ulong*)location;
            *(ulong*)location = old + value;
            return old;
        }

        internal static uint Exchange32(void* location, uint value)
        {
            uint old = *(uint*)location;
            *(uint*)location = value;
            return old;
        }

        internal static void LockOr32(void* location, uint bits) => *(uint*)location |= bits;

        internal static void LockAnd32(void* location, uint bits) => *(uint*)location &= bits;

        internal static void LockOr64(void* location, ulong bits) => *(ulong*)location |= bits;

        internal static void LockAnd64(void* location, ulong bits) => *(ulong*)location &= bits;
    }
}

namespace CoSim.Os
{
    /// <summary>The lock only checks that it is taken and released in turns.</summary>
    internal struct SpinLock
    {
        private bool _held;

        internal void Acquire()
        {
            if (_held) throw new InvalidOperationException("the lock is held already");
            _held = true;
        }

        internal void Release()
        {
            if (!_held) throw new InvalidOperationException("the lock is not held");
            _held = false;
        }

        internal ulong AcquireIrqSave()
        {
            Acquire();
            return 0x200;
        }

        internal void ReleaseIrqRestore(ulong flags) => Release();
    }

    internal static class Log
    {
        internal static void Print(ReadOnlySpan<byte> format, ulong a, ulong b)
        {
        }
    }

    /// <summary>Physical address 0 is the start of a block of host memory.</summary>
    internal static unsafe class DirectMap
    {
        internal static byte* Memory;

        internal static void* Pointer(ulong physical) => Memory + physical;

        internal static ulong Physical(void* pointer) => (ulong)((byte*)pointer - Memory);
    }
}
