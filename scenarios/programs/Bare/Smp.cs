using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>Starts another processor and gives it work.</summary>
internal static unsafe class Smp
{
    private const ulong Page = 0x8000;
    private const uint Init = 0x4500, StartUp = 0x4600;
    private const ulong InitTicks = 100_000;

    private static Stack s_stack;
    private static delegate*<void> s_work;
    private static int s_state;

    [InlineArray(2048)] private struct Stack { private ulong _first; }

    /// <summary>Lets a processor run a function, once; it halts afterwards with interrupts off.</summary>
    internal static void Start(uint apicId, delegate*<void> work)
    {
        s_work = work;
        Machine.RepMovsb((void*)Page, Machine.ApTrampoline, Machine.ApTrampolineSize);
        ulong* arguments = (ulong*)(Page + Machine.ApTrampolineArguments);
        arguments[0] = Machine.ReadCr3();
        arguments[1] = (ulong)Unsafe.AsPointer(ref s_stack) + 2048 * 8;
        arguments[2] = apicId;
        Apic.Send(apicId, Init);
        ulong end = Machine.Rdtsc() + InitTicks;
        while (Machine.Rdtsc() < end) Machine.Pause();
        Apic.Send(apicId, StartUp | (uint)(Page >> 12));
    }

    /// <summary>Waits until the function has returned.</summary>
    internal static void Join()
    {
        while (Volatile.Read(ref s_state) == 0) Machine.Pause();
    }

    [RuntimeExport("ap_main")]
    private static void Second(ulong argument)
    {
        Traps.Load();
        s_work();
        Volatile.Write(ref s_state, 1);
        for (; ; ) Machine.Hlt();
    }
}
