using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Machine.Tests;

/// <summary>
/// Steps a functional core in a memory of its own behind every instruction that the detailed engine of a whole machine retires.
/// What depends on time is made equal: reads of devices and of the APIC give the second core what the first one got, interrupts
/// are delivered before the same instruction, and after an instruction that reads a clock (RDTSC, RDTSCP, RDPRU, RDPMC, or
/// RDMSR of the TSC, MPERF or APERF) RAX and RDX are taken over. Everything else must be equal after every instruction.
/// </summary>
internal sealed unsafe class BootLockStep : IDisposable
{
    private readonly CoreContext _core;
    private readonly CoreContext _reference;
    private readonly FunctionalEngine _functional;
    private readonly RecordedInterrupts _interrupts;
    private readonly ReplayedInterrupts _replayed;
    private readonly DeviceTraffic _devices = new();
    private readonly DeviceTraffic _referenceDevices = new();
    private readonly PhysicalMemory _memory;

    public BootLockStep(Bench bench, Action requestStop)
    {
        Hw.Board.Machine machine = bench.Machine;
        RequestStop = requestStop;
        _core = machine.Cores[0].Context;
        _interrupts = new RecordedInterrupts(machine.Cores[0].Apic);
        _core.Interrupts = _interrupts;
        _core.DeviceProbe = _devices;

        _memory = new PhysicalMemory();
        byte[] ram = SaveOf(machine.Memory);
        foreach ((ulong start, ulong length, bool writable) in machine.Memory.Ranges)
        {
            if (writable)
            {
                _memory.AddRam(start, length);
            }
        }

        ReadOnlyMemory<byte> flash = machine.Spec.Flash;
        _memory.AddRom(MemoryMap.FlashWindow, flash);
        _memory.AddRomAlias(MemoryMap.FlashTop, MemoryMap.FlashTopLength, MemoryMap.FlashWindow + (ulong)flash.Length - MemoryMap.FlashTopLength);
        EventQueue events = new();
        CoreEnvironment environment = new()
        {
            Memory = _memory,
            Mmio = new MmioBus(),
            Ports = new PortBus(),
            Events = events,
            Clock = machine.Clocks.Core,
            Code = new CodeCache(_memory) { KeepAllFlags = true },
        };
        ulong ramEnd = machine.Spec.MemoryBytes;
        MapReplay(environment, MemoryMap.VgaHole, MemoryMap.ShadowRam - MemoryMap.VgaHole);
        MapReplay(environment, ramEnd, MemoryMap.FlashTop - ramEnd);
        AccessLatency none = default;
        environment.Ports.Map("replay", 0, 0x10000, new ReplayedDevices(_devices, 0), none);

        _reference = new CoreContext(environment, 0, new Silent()) { Spec = _core.Spec };
        _replayed = new ReplayedInterrupts(_interrupts, _reference);
        _reference.Interrupts = _replayed;
        _reference.DeviceProbe = _referenceDevices;
        _memory.Restore(new StateReader(ram, events));
        _reference.Restore(new StateReader(SaveOf(_core), events));
        _functional = new FunctionalEngine(_reference, FunctionalRate.One);
        _functional.Attach(machine.Cores[0].Cycle);
    }

    /// <summary>Ends the detailed machine's run at the first difference.</summary>
    public Action RequestStop { get; }

    /// <summary>The first difference; null for none.</summary>
    public string? Difference { get; private set; }

    /// <summary>Instructions compared.</summary>
    public ulong Checked { get; private set; }

    /// <summary>Interrupts delivered to both.</summary>
    public int Interrupts { get; private set; }

    /// <summary>Instructions after which clock values were taken over.</summary>
    public int ClockReads { get; private set; }

    /// <summary>Page-table entries read by the detailed engine before its page walk had set the accessed or dirty bit.</summary>
    public int AccessedBits { get; private set; }

    /// <summary>Faults that both have taken.</summary>
    public int Faults { get; private set; }

    /// <summary>The detailed engine has retired the instruction at <paramref name="rip"/>.</summary>
    public void OnRetire(ulong rip) => Guard(rip, () =>
    {
        DeliverInterrupts();
        CpuState* b = _reference.State;
        if (b->Activity != ActivityState.Active)
        {
            _ = _reference.WaitEnded(ulong.MaxValue);
        }

        if (b->Rip != rip)
        {
            throw new LockStepException($"is at {b->Rip:X}h");
        }

        ulong before = b->Executed;
        while (b->Executed == before && b->Rip == rip)
        {
            _functional.StepOne();
        }

        Checked++;
        if (Compare() is { } difference)
        {
            if (TakesLateAccessedBit())
            {
                AccessedBits++;
                Require(Compare());
                return;
            }

            if (!ReadsClock(rip))
            {
                throw new LockStepException(difference);
            }

            ClockReads++;
            b->Gpr[0] = _core.State->Gpr[0];
            b->Gpr[2] = _core.State->Gpr[2];
            Require(Compare());
        }
    });

    /// <summary>The detailed engine has delivered an interrupt or a fault at <paramref name="rip"/>.</summary>
    public void OnDeliver(ulong rip) => Guard(rip, () =>
    {
        if (!DeliverInterrupts())
        {
            Faults++;
            _functional.StepOne();
        }

        Require(Compare());
    });

    /// <summary>Compares what is written late: memory and the traffic to devices. The machine must have been quiesced.</summary>
    public void CompareMemory(PhysicalMemory detailed)
    {
        Assert.That(_referenceDevices.Writes, Is.EqualTo(_devices.Writes), "device writes");
        Assert.That(_replayed.Writes, Is.EqualTo(_interrupts.Writes), "APIC writes");
        Assert.That(_devices.Reads, Is.Empty, "device reads that only the detailed engine made");
        Assert.That(SaveOf(_memory).AsSpan().SequenceEqual(SaveOf(detailed)), "memory");
    }

    public void Dispose()
    {
        _core.DeviceProbe = null;
        _reference.Dispose();
        _reference.Code.Dispose();
        _memory.Dispose();
    }

    private static byte[] SaveOf(PhysicalMemory memory)
    {
        StateWriter writer = new();
        memory.Save(writer);
        return writer.ToArray();
    }

    private static byte[] SaveOf(CoreContext core)
    {
        StateWriter writer = new();
        core.Save(writer);
        return writer.ToArray();
    }

    private static void Require(string? difference)
    {
        if (difference is not null)
        {
            throw new LockStepException(difference);
        }
    }

    private void MapReplay(CoreEnvironment environment, ulong start, ulong length) =>
        environment.Mmio.Map($"replay {start:X}", start, length, new ReplayedDevices(_devices, start), default);

    private void Guard(ulong rip, Action check)
    {
        if (Difference is not null)
        {
            return;
        }

        try
        {
            check();
        }
        catch (LockStepException e)
        {
            Difference = $"at {rip:X}h, after {Checked} instructions, the functional engine: {e.Message}";
            RequestStop();
        }
    }

    private bool DeliverInterrupts()
    {
        bool any = false;
        while (_interrupts.Vectors.Count > 0)
        {
            any = true;
            Interrupts++;
            _reference.SetInterruptRequest(true);
            if (!_reference.TakeSignals())
            {
                throw new LockStepException("cannot take the interrupt");
            }
        }

        return any;
    }

    /// <summary>Whether the instruction reads a clock. It has executed: its bytes are mapped.</summary>
    private bool ReadsClock(ulong rip)
    {
        if (!CodeAddress.Linear(_reference.State, rip, out ulong linear) || !_reference.Virtual.TranslateFetch(linear, out ulong physical))
        {
            return false;
        }

        Span<byte> code = stackalloc byte[3];
        _memory.Read(physical, code);
        uint register = (uint)_reference.State->Gpr[1];
        return code[0] == 0x0F && (code[1] switch
        {
            0x31 or 0x33 => true,
            0x01 => code[2] is 0xF9 or 0xFD,
            0x32 => register is 0x10 or 0xE7 or 0xE8 or 0xC000_00E7 or 0xC000_00E8,
            _ => false,
        });
    }

    /// <summary>
    /// A load may pass the page walk of an older access, and read a page-table entry before the walk sets its accessed or dirty
    /// bit: then the value without the bit is taken over.
    /// </summary>
    private bool TakesLateAccessedBit()
    {
        const ulong accessedAndDirty = 0x60;
        CpuState* a = _core.State;
        CpuState* b = _reference.State;
        for (int i = 0; i < 16; i++)
        {
            if (a->Gpr[i] != b->Gpr[i])
            {
                bool late = (b->Gpr[i] & ~a->Gpr[i]) is > 0 and var set && (set & ~accessedAndDirty) == 0 && (a->Gpr[i] & ~b->Gpr[i]) == 0;
                b->Gpr[i] = late ? a->Gpr[i] : b->Gpr[i];
                return late;
            }
        }

        return false;
    }

    private string? Compare()
    {
        CpuState* a = _core.State;
        CpuState* b = _reference.State;
        for (int i = 0; i < 16; i++)
        {
            if (a->Gpr[i] != b->Gpr[i])
            {
                return $"register {i} is {b->Gpr[i]:X}, not {a->Gpr[i]:X}";
            }
        }

        if (!new Span<ulong>(a->Vec, 64).SequenceEqual(new Span<ulong>(b->Vec, 64)))
        {
            return "a vector register differs";
        }

        // x87, segments, tables, control and debug registers, EFER, MSRs.
        int system = (int)((byte*)&a->Executed - (byte*)&a->X87);
        int at = new Span<byte>(&a->X87, system).CommonPrefixLength(new Span<byte>(&b->X87, system));
        return a->Rip != b->Rip ? $"RIP is {b->Rip:X}, not {a->Rip:X}"
            : a->RFlags != b->RFlags ? $"RFLAGS are {b->RFlags:X}, not {a->RFlags:X}"
            : a->Mxcsr != b->Mxcsr ? $"MXCSR is {b->Mxcsr:X}, not {a->Mxcsr:X}"
            : a->Cpl != b->Cpl || a->Mode != b->Mode ? $"mode {b->Mode}, CPL {b->Cpl}, not {a->Mode}, {a->Cpl}"
            : at != system ? $"system state differs at byte {at} of {system}"
            : null;
    }

    private sealed class Silent : ICoreProbe
    {
        public void OnMarker(CoreContext core, byte code, ulong rax)
        {
        }

        public void OnUnmodelled(CoreContext core, string what)
        {
        }

        public void OnShutdown(CoreContext core) => throw new LockStepException("shuts down");
    }
}

/// <summary>Hands every retirement and delivery to a checker.</summary>
internal sealed class LockStepLink
{
    public BootLockStep? Checker { get; set; }
}

/// <inheritdoc cref="LockStepLink"/>
internal readonly struct BootProbe(LockStepLink link) : IDetailedProbe
{
    public static bool WatchesRetirement => true;

    public static bool WatchesMicroOps => false;

    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => link.Checker?.OnRetire(rip);

    public void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles) => link.Checker?.OnDeliver(rip);

    public void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    public void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}
