using System.Buffers.Binary;
using CoSim.Cli.Clocks;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Hands what a machine does to the invariants of a run. It only watches.</summary>
internal sealed unsafe class InvariantMonitor(IReadOnlyList<Invariant> invariants) : IExecutionProbe, IDeviceProbe, IProgramClockObserver
{
    private const ulong Nanosleep = 35, ClockNanosleep = 230, SyscallBytes = 2;

    private const int LowestPriority = 1; // delivery modes above are no vectors: SMI, NMI, INIT, start-up, ExtINT

    // System V ABI, A.2.1: a system call's arguments are in RDI (7), RSI (6), RDX (2); its result in RAX (0).
    private const int Rax = 0, Rdx = 2, Rsp = 4, Rsi = 6, Rdi = 7;

    /// <summary>The index of the core that a local APIC's number belongs to; null when interrupts are not watched.</summary>
    public Func<uint, int>? CoreOf { get; set; }

    /// <summary>Whether the rules hold already: they begin when the boot is over.</summary>
    public bool IsOn { get; set; }

    /// <summary>The run has ended.</summary>
    public void End(SimTime time)
    {
        foreach (Invariant invariant in invariants)
            invariant.OnEnd(time);
    }

    /// <inheritdoc/>
    public void OnClockRead(CoreContext core, ulong rip, ulong cycle, ClockKind clock, ulong value)
    {
        if (clock == ClockKind.Tsc)
            Report(new ClockReading(WatchedClock.Tsc, core.Index, core.Clock.TimeOf(cycle), value));
    }

    /// <inheritdoc/>
    public void ClockRead(string clock, SimTime time, ulong value)
    {
        if (WatchedClocks.OfDevice(clock) is { } watched)
            Report(new ClockReading(watched, -1, time, value));
    }

    /// <inheritdoc/>
    public void OnProgramClock(in ProgramClockRead read)
    {
        if (WatchedClocks.OfLinux(read.Clock) is not { } clock)
            return;
        // A namespace is known once its process has used the vDSO; before, a process has its own frame.
        ReadingFrame frame = !WatchedClocks.IsVirtualised(clock) ? default
            : read.Namespace.Page == 0 ? new ReadingFrame(read.AddressSpace, 0)
            : new ReadingFrame(read.Namespace.Page, read.Namespace.Offset);
        Report(new ClockReading(clock, read.Core == read.FromCore ? read.Core : -1, read.Time, unchecked((ulong)read.Nanoseconds))
        {
            Since = read.Since,
            Unit = (ulong)read.Unit,
            Frame = frame,
        });
    }

    /// <inheritdoc/>
    public void OnSystemCall(CoreContext core, ulong rip, ulong cycle)
    {
        if (!IsOn)
            return;
        ulong* registers = core.State->Gpr;
        SleeperId caller = new(core.State->Cr3, registers[Rsp], rip + SyscallBytes);
        switch (registers[Rax])
        {
            case Nanosleep:
                Sleep(core, caller, cycle, registers[Rdi]);
                break;
            case ClockNanosleep when registers[Rsi] == 0:
                Sleep(core, caller, cycle, registers[Rdx]);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnUserReturn(CoreContext core, ulong rip, ulong cycle, bool byInterruptReturn)
    {
        if (!IsOn)
            return;
        SleeperId caller = new(core.State->Cr3, core.State->Gpr[Rsp], rip);
        long result = (long)core.State->Gpr[Rax];
        SimTime time = core.Clock.TimeOf(cycle);
        foreach (Invariant invariant in invariants)
            invariant.OnReturn(caller, time, result);
    }

    /// <inheritdoc/>
    public void TimerProgrammed(string timer, SimTime time, SimTime expiry)
    {
        foreach (Invariant invariant in invariants)
            invariant.OnTimerProgrammed(timer, time, expiry);
    }

    /// <inheritdoc/>
    public void TimerExpired(string timer, SimTime time)
    {
        foreach (Invariant invariant in invariants)
            invariant.OnTimerExpired(timer, time);
    }

    private void Report(in ClockReading reading)
    {
        if (!IsOn)
            return;
        foreach (Invariant invariant in invariants)
            invariant.OnReading(in reading);
    }

    private void Sleep(CoreContext core, SleeperId caller, ulong cycle, ulong address)
    {
        if (!TryTimespec(core, address, out Int128 nanoseconds))
            return;
        SimDuration length = SimDuration.FromFemtoseconds(nanoseconds * SimDuration.FemtosecondsPerNanosecond);
        foreach (Invariant invariant in invariants)
            invariant.OnSleep(caller, core.Clock.TimeOf(cycle), length);
    }

    /// <summary>Reads a timespec of the guest, without touching it. False when it is not in memory or out of range.</summary>
    private static bool TryTimespec(CoreContext core, ulong address, out Int128 nanoseconds)
    {
        const int bytes = 16, half = 8;
        const long nanosecondsPerSecond = 1_000_000_000;
        Span<byte> content = stackalloc byte[bytes];
        nanoseconds = 0;
        if (core.Virtual.Peek(address, content) < bytes)
            return false;
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(content), rest = BinaryPrimitives.ReadInt64LittleEndian(content[half..]);
        nanoseconds = ((Int128)seconds * nanosecondsPerSecond) + rest;
        return seconds >= 0 && rest is >= 0 and < nanosecondsPerSecond;
    }

    /// <inheritdoc/>
    public void OnInterrupt(CoreContext core, ulong rip, ulong cycle, byte vector)
    {
        foreach (Invariant invariant in invariants)
            invariant.OnInterruptTaken(core.Index, core.Clock.TimeOf(cycle), vector);
    }

    /// <inheritdoc/>
    public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode)
    {
        // From reset on: a core that is lost during the boot is what this is for.
        if (mode > LowestPriority || CoreOf is null)
            return;
        int core = CoreOf(apic);
        foreach (Invariant invariant in invariants)
            invariant.OnInterruptAccepted(core, time, vector);
    }

    void IExecutionProbe.OnException(CoreContext core, ulong rip, ulong cycle, uint vector, uint errorCode)
    {
    }

    void IExecutionProbe.OnMsr(CoreContext core, ulong rip, ulong cycle, uint number, ulong value, bool isWrite)
    {
    }

    void IExecutionProbe.OnDeviceAccess(CoreContext core, ulong rip, ulong cycle, in DeviceAccess access)
    {
    }

    void IExecutionProbe.OnAddressSpace(CoreContext core, ulong rip, ulong cycle, ulong cr3)
    {
    }

    void IExecutionProbe.OnActivity(CoreContext core, ulong cycle)
    {
    }

    void IDeviceProbe.LineChanged(string line, SimTime time, bool asserted)
    {
    }

    void IDeviceProbe.PostCode(SimTime time, byte code)
    {
    }
}
