using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CoSim.Os.Timekeeping.Tests;

namespace CoSim.Guest
{
    /// <summary>Host stand-in for the instructions that the portable guest code uses.</summary>
    internal static unsafe class Machine
    {
        internal static void Pause()
        {
        }

        internal static ulong Rdtsc() => SimulatedPc.Rdtsc();

        internal static ulong RdtscOrdered() => SimulatedPc.Rdtsc();

        internal static byte In8(ushort port) => SimulatedPc.In8(port);

        internal static uint In32(ushort port) => SimulatedPc.PmTimer();

        internal static void Out8(ushort port, byte value) => SimulatedPc.Out8(port, value);

        internal static uint ExchangeAdd32(void* location, uint value)
        {
            uint* at = (uint*)location;
            uint old = *at;
            *at = old + value;
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

        internal static void RepMovsb(void* to, void* from, ulong count) => Unsafe.CopyBlock(to, from, (uint)count);

        internal static void RepStosb(void* to, byte value, ulong count) => Unsafe.InitBlock(to, value, (uint)count);
    }
}

namespace CoSim.Os
{
    /// <summary>Tests run on one thread: the lock only checks that it is not taken twice.</summary>
    internal struct SpinLock
    {
        private bool _held;

        internal void Acquire()
        {
            if (_held) throw new InvalidOperationException("the lock is held already");
            _held = true;
        }

        internal void Release() => _held = false;
    }

    /// <summary>Kernel memory that counts what is in use, so that tests see leaks.</summary>
    internal static unsafe class Heap
    {
        internal static int InUse { get; private set; }

        internal static T* New<T>()
            where T : unmanaged
        {
            InUse++;
            return (T*)NativeMemory.AllocZeroed((nuint)sizeof(T));
        }

        internal static void* Allocate(ulong bytes)
        {
            InUse++;
            return NativeMemory.AllocZeroed((nuint)bytes);
        }

        internal static void Free(void* p)
        {
            if (p == null) return;
            InUse--;
            NativeMemory.Free(p);
        }
    }

    internal static unsafe class PageAllocator
    {
        internal static int InUse { get; private set; }

        internal static ulong AllocateZeroed()
        {
            InUse++;
            return (ulong)NativeMemory.AllocZeroed(4096);
        }

        internal static void Free(ulong page, int order)
        {
            Assert.That(order, Is.Zero);
            InUse--;
            NativeMemory.Free((void*)page);
        }
    }

    internal static unsafe class DirectMap
    {
        internal static void* Pointer(ulong physical) => (void*)physical;
    }

    internal unsafe struct NsProxy
    {
        internal int Refs;
        internal TimeNamespace* TimeNs;
        internal TimeNamespace* TimeNsForChildren;
    }
}
