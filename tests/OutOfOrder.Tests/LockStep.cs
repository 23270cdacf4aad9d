using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Steps a functional engine in a machine of its own behind every instruction that the detailed engine retires.</summary>
internal sealed unsafe class LockStep : IDisposable
{
    private readonly DetailedMachine<LockStepProbe> _detailed = new();
    private readonly DetailedMachine<NoProbe> _reference = new();
    private readonly FunctionalEngine _functional;
    private string? _difference;

    public LockStep(Action<Assembler> program)
    {
        byte[] code = DetailedMachine<NoProbe>.Assemble(program, DetailedMachine<NoProbe>.CodeAddress);
        _detailed.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        _reference.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        _reference.Cores[0].Code.KeepAllFlags = true;
        _functional = new FunctionalEngine(_reference.Cores[0], FunctionalRate.One);
        _functional.Attach(0);
        _detailed.Engine.Probe.Checker = this;
    }

    public DetailedMachine<LockStepProbe> Detailed => _detailed;

    public DetailedMachine<NoProbe> Reference => _reference;

    public ulong Checked { get; private set; }

    /// <summary>Runs to HLT; fails at the first difference.</summary>
    public void Run(string name, ulong cycles = 5_000_000)
    {
        _detailed.Engine.Run(cycles);
        Assert.That(_difference, Is.Null, name);
        Assert.That(_detailed.State->Activity, Is.EqualTo(_reference.State->Activity), name + $": activity, at {_detailed.State->Rip:X}h, reference at {_reference.State->Rip:X}h, {Checked} checked, {_detailed.Engine.Retired} retired");
        Assert.That(_detailed.State->Activity, Is.Not.EqualTo(ActivityState.Active), name + $": did not end, at {_detailed.State->Rip:X}h");
        byte[] mine = new byte[0x8000];
        byte[] theirs = new byte[0x8000];
        _detailed.Memory.Read(DetailedMachine<NoProbe>.DataAddress - 0x10000, mine);
        _reference.Memory.Read(DetailedMachine<NoProbe>.DataAddress - 0x10000, theirs);
        Assert.That(mine.AsSpan().SequenceEqual(theirs), Is.True, name + ": memory differs");
        _detailed.Memory.Read(DetailedMachine<NoProbe>.DataAddress, mine);
        _reference.Memory.Read(DetailedMachine<NoProbe>.DataAddress, theirs);
        Assert.That(mine.AsSpan().SequenceEqual(theirs), Is.True, name + ": memory differs");
    }

    public void Check(ulong rip)
    {
        if (_difference is not null)
        {
            return;
        }

        CpuState* a = _detailed.State;
        CpuState* b = _reference.State;
        if (b->Rip != rip)
        {
            _difference = $"retired {rip:X}h, reference is at {b->Rip:X}h after {Checked} instructions";
            _detailed.Engine.RequestStop();
            return;
        }

        _functional.StepOne();
        Checked++;
        _difference = Compare(a, b);
        if (_difference is not null)
        {
            _difference = $"after {rip:X}h, instruction {Checked}: {_difference}";
            _detailed.Engine.RequestStop();
        }
    }

    public void Dispose()
    {
        _detailed.Dispose();
        _reference.Dispose();
    }

    private static string? Compare(CpuState* a, CpuState* b)
    {
        for (int i = 0; i < 16; i++)
        {
            if (a->Gpr[i] != b->Gpr[i])
            {
                return $"register {i}: {a->Gpr[i]:X} instead of {b->Gpr[i]:X}";
            }
        }

        for (int i = 0; i < 64; i++)
        {
            if (a->Vec[i] != b->Vec[i])
            {
                return $"vector quadword {i}: {a->Vec[i]:X} instead of {b->Vec[i]:X}";
            }
        }

        return a->Rip != b->Rip ? $"RIP {a->Rip:X} instead of {b->Rip:X}"
            : a->Flags != b->Flags ? $"flags {a->Flags:X} instead of {b->Flags:X}"
            : a->SystemFlags != b->SystemFlags ? $"system flags {a->SystemFlags:X} instead of {b->SystemFlags:X}"
            : a->Mxcsr != b->Mxcsr ? $"MXCSR {a->Mxcsr:X} instead of {b->Mxcsr:X}"
            : Compare(&a->X87, &b->X87);
    }

    private static string? Compare(X87State* a, X87State* b)
    {
        for (int i = 0; i < 16; i++)
        {
            if (a->Registers[i] != b->Registers[i])
                return $"x87 word {i}: {a->Registers[i]:X} instead of {b->Registers[i]:X}";
        }

        return a->Status != b->Status ? $"x87 status {a->Status:X} instead of {b->Status:X}"
            : a->Tag != b->Tag ? $"x87 tags {a->Tag:X} instead of {b->Tag:X}"
            : a->Control != b->Control ? $"x87 control {a->Control:X} instead of {b->Control:X}"
            : a->InstructionPointer != b->InstructionPointer ? $"x87 instruction {a->InstructionPointer:X} instead of {b->InstructionPointer:X}"
            : a->DataPointer != b->DataPointer ? $"x87 operand {a->DataPointer:X} instead of {b->DataPointer:X}"
            : a->Opcode != b->Opcode ? $"x87 opcode {a->Opcode:X} instead of {b->Opcode:X}"
            : null;
    }
}

/// <summary>Hands every retirement to a checker.</summary>
internal struct LockStepProbe : IDetailedProbe
{
    public LockStep? Checker;

    public static bool WatchesRetirement => true;

    public static bool WatchesMicroOps => false;

    public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => Checker?.Check(rip);

    public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
    {
    }

    public readonly void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    public readonly void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}
