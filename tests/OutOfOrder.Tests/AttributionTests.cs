using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Every cycle goes to one cause and to one instruction, and nothing is lost.</summary>
public sealed class AttributionTests
{
    [Test]
    public void Retirements_get_every_cycle_that_passed([Range(100, 109)] int seed)
    {
        Ledger ledger = new();
        using DetailedMachine<LedgerProbe> machine = new();
        machine.Engine.Probe.Ledger = ledger;
        machine.Code(new RandomProgram(seed).Emit);
        machine.Run();
        Assert.That(machine.Engine.Cycles.Total, Is.EqualTo(machine.Engine.Now), $"seed {seed}: totals");
        Assert.That(ledger.Cycles.Total, Is.EqualTo(ledger.LastCycle + 1), $"seed {seed}: per instruction");
        Assert.That(ledger.Mismatch, Is.Null, $"seed {seed}");
        Assert.That(ledger.StagesOutOfOrder, Is.Zero, $"seed {seed}");
        Assert.That(ledger.MicroOps, Is.GreaterThan(ledger.Instructions), $"seed {seed}");
    }

    [TestCase("imul", CycleCause.Dependency)]
    [TestCase("load", CycleCause.L1)]
    [TestCase("miss", CycleCause.Dram)]
    [TestCase("mfence", CycleCause.Serialisation)]
    [TestCase("cpuid", CycleCause.Serialisation)]
    [TestCase("rdmsr", CycleCause.Microcode)]
    public void The_cause_of_a_kernel_is_what_it_waits_for(string kernel, CycleCause expected)
    {
        using DetailedMachine<NoProbe> machine = new();
        machine.Write(0x90000, 0x90000);
        machine.Code(a => Kernel.Loop(a, b => Body(b, kernel), b =>
        {
            b.mov(rbx, kernel == "miss" ? 0x200000 : 0x90000);
            b.mov(ecx, 0xC000_0080);
        }, 300, 4));
        machine.Run();
        CycleCause most = Enumerable.Range(1, CycleCauses.Count - 1).Select(i => (CycleCause)i).MaxBy(c => machine.Engine.Cycles[c]);
        Assert.That(most, Is.EqualTo(expected));
    }

    [Test]
    public void The_same_run_gives_the_same_cycles_with_a_probe_and_without()
    {
        using DetailedMachine<NoProbe> plain = new();
        using DetailedMachine<LedgerProbe> watched = new();
        watched.Engine.Probe.Ledger = new Ledger();
        byte[] code = DetailedMachine<NoProbe>.Assemble(new RandomProgram(5).Emit, DetailedMachine<NoProbe>.CodeAddress);
        plain.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        watched.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        plain.Run();
        watched.Run();
        Assert.That(watched.Engine.Now, Is.EqualTo(plain.Engine.Now));
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            Assert.That(watched.Engine.Cycles[i], Is.EqualTo(plain.Engine.Cycles[i]), ((CycleCause)i).ToString());
        }
    }

    [Test]
    public void Running_in_slices_changes_nothing()
    {
        using DetailedMachine<NoProbe> whole = new();
        using DetailedMachine<NoProbe> sliced = new();
        byte[] code = DetailedMachine<NoProbe>.Assemble(new RandomProgram(6).Emit, DetailedMachine<NoProbe>.CodeAddress);
        whole.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        sliced.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        whole.Run();
        ulong slice = 1;
        while (sliced.Engine.Now < whole.Engine.Now)
        {
            sliced.Engine.Run(Math.Min(sliced.Engine.Now + slice, whole.Engine.Now));
            slice = (slice * 5 % 17) + 1;
        }

        Assert.That(sliced.Engine.Retired, Is.EqualTo(whole.Engine.Retired));
        Assert.That(sliced.Engine.Mispredictions, Is.EqualTo(whole.Engine.Mispredictions));
    }

    private static void Body(Assembler a, string kernel)
    {
        switch (kernel)
        {
            case "imul":
                a.imul(rax, rax);
                break;
            case "load":
                a.mov(rbx, __qword_ptr[rbx]);
                break;
            case "miss":
                a.mov(rax, __qword_ptr[rbx]);
                a.and(rax, 0);
                a.lea(rbx, __[rbx + rax + 0x1040]);
                break;
            case "mfence":
                a.mfence();
                break;
            case "cpuid":
                a.xor(eax, eax);
                a.cpuid();
                break;
            default:
                a.rdmsr();
                break;
        }
    }
}

/// <summary>What a probe heard.</summary>
internal sealed class Ledger
{
    public CycleCounts Cycles;

    public ulong LastCycle { get; set; }

    public ulong Instructions { get; set; }

    public ulong MicroOps { get; set; }

    public int StagesOutOfOrder { get; set; }

    public string? Mismatch { get; set; }
}

/// <summary>Adds up what it hears and checks that each retirement's cycles lead exactly to its cycle.</summary>
internal struct LedgerProbe : IDetailedProbe
{
    public Ledger? Ledger;

    public static bool WatchesRetirement => true;

    public static bool WatchesMicroOps => true;

    public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles)
    {
        if (Ledger is null)
        {
            return;
        }

        Ledger.Cycles.Add(in cycles);
        Ledger.Instructions++;
        Ledger.LastCycle = cycle;
        if (Ledger.Cycles.Total != cycle + 1)
        {
            Ledger.Mismatch ??= $"at {rip:X}h in cycle {cycle}: {Ledger.Cycles.Total} cycles handed out";
        }
    }

    public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles) => Ledger?.Cycles.Add(in cycles);

    public readonly void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    public readonly void OnMicroOp(ulong rip, int index, in StageCycles s)
    {
        if (Ledger is null)
        {
            return;
        }

        Ledger.MicroOps++;
        bool ordered = s.Fetch <= s.Decode && s.Decode <= s.Dispatch && s.Dispatch <= s.Issue && s.Issue <= s.Complete && s.Complete < s.Retire;
        Ledger.StagesOutOfOrder += ordered ? 0 : 1;
    }
}
