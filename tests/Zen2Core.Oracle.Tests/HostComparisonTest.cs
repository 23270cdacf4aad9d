using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// Every implemented instruction form against the processor that runs the tests, operation by operation: random operands, flags,
/// memory and control words, as handlers of the functional engine and as value functions of the detailed one.
/// </summary>
[TestFixture]
[Category("HostOracle")]
public sealed class HostComparisonTest
{
    private const int CasesPerInstance = 20;

    [SetUp]
    public void NeedsHost()
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
    }

    [Test]
    public void EveryImplementedFormAgreesWithTheHost()
    {
        using OracleMachine machine = new();
        FormExaminer.Examine(new FunctionalCpu(machine), InstructionForms.All, Plan);
    }

    [Test]
    public void ValueFunctionsOfEveryImplementedFormAgreeWithTheHost()
    {
        using OracleMachine machine = new();
        FormExaminer.Examine(new ValueCpu(machine), InstructionForms.All, Plan);
    }

    [Test]
    public void TranslationsOfEveryImplementedFormAgreeWithTheHost()
    {
        using OracleMachine machine = new(translate: true);
        if (!machine.Translates)
            Assert.Ignore("this host does not allow translated code");
        FormExaminer.Examine(new TranslatedCpu(machine), InstructionForms.All, Plan);
    }

    private static OraclePlan Plan => new(OracleSettings.Seed, Math.Max(1, OracleSettings.Cases / CasesPerInstance), CasesPerInstance);
}
