using CoSim.Hw.Zen2Core;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>Instruction forms on whole engines, exceptions delivered, against the processor that runs the tests.</summary>
[TestFixture]
[Category("HostOracle")]
public sealed class EngineComparisonTest
{
    private const int CasesPerInstance = 4;

    [SetUp]
    public void NeedsHost()
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
    }

    [Test]
    public void EveryForm([ValueSource(typeof(Engines), nameof(Engines.All))] string engine) => Examine(engine, InstructionForms.All, []);

    [Test]
    public void Branches([ValueSource(typeof(Engines), nameof(Engines.All))] string engine) => Examine(engine, InstructionForms.Branches, []);

    [Test]
    public void BranchesAtPageBoundaries([ValueSource(typeof(Engines), nameof(Engines.All))] string engine) =>
        Examine(engine, InstructionForms.Branches, Placements.Boundaries);

    [Test]
    public void StringInstructions([ValueSource(typeof(Engines), nameof(Engines.All))] string engine) => Examine(engine, InstructionForms.Strings, []);

    [Test]
    public void StringInstructionsAtPageBoundaries([ValueSource(typeof(Engines), nameof(Engines.All))] string engine) =>
        Examine(engine, InstructionForms.Strings, Placements.Boundaries);

    [Test]
    public void MemoryAtPageBoundaries([ValueSource(typeof(Engines), nameof(Engines.All))] string engine) =>
        Examine(engine, InstructionForms.All.Where(TouchesMemory), Placements.Boundaries);

    // The host's XSAVE area may be larger than a Zen 2's, and is checked as a whole.
    private static bool TouchesMemory(Code code)
    {
        if (code.Mnemonic().ToString().StartsWith("Xsave", StringComparison.Ordinal))
            return false;
        OpCodeInfo info = code.ToOpCode();
        Instruction probe = default;
        probe.Code = code;
        return probe.IsStackInstruction || Enumerable.Range(0, info.OpCount).Any(n => OperandChoice.MayBeMemory(info.GetOpKind(n)));
    }

    private static void Examine(string name, IEnumerable<Code> forms, Placement[] placements)
    {
        using OracleMachine machine = new(translate: name == Engines.Translated);
        ICoreEngine engine = Engines.Make(name, machine);
        int cases = Engines.Thinned(name, OracleSettings.Cases);
        OraclePlan plan = new(OracleSettings.Seed, Math.Max(1, cases / CasesPerInstance), CasesPerInstance)
        {
            Placements = placements,
            Addressing = placements.Length == 0 ? Addressing.Any : Addressing.Any & ~Addressing.Fixed,
        };
        FormExaminer.Examine(new EngineCpu(machine, engine), forms, plan);
        (engine as IDisposable)?.Dispose();
    }
}
