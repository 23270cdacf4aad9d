using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// Every implemented instruction form against the processor that runs the tests: random operands, flags, memory and control words.
/// COSIM_ORACLE_CASES raises the number of cases per form, COSIM_ORACLE_SEED changes the seed, COSIM_ORACLE_FORMS restricts
/// the forms to names that contain the text.
/// </summary>
[TestFixture]
[Category("HostOracle")]
public sealed class HostComparisonTest
{
    private const int DefaultCases = 1000;
    private const int CasesPerInstance = 50;
    private const int ShownFailures = 2;

    [Test]
    public void EveryImplementedFormAgreesWithTheHost()
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
        using OracleMachine machine = new();
        Examine(new FunctionalCpu(machine));
    }

    [Test]
    public void ValueFunctionsOfEveryImplementedFormAgreeWithTheHost()
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
        using OracleMachine machine = new();
        Examine(new ValueCpu(machine));
    }

    private static void Examine(ISimulatedCpu cpu)
    {
        OracleRunner runner = new(HostCpu.Open(), cpu);
        int instances = Math.Max(1, (int)Setting("COSIM_ORACLE_CASES", DefaultCases) / CasesPerInstance);
        ulong seed = Setting("COSIM_ORACLE_SEED", 0xC051);
        string? only = Environment.GetEnvironmentVariable("COSIM_ORACLE_FORMS");
        TestContext.Out.WriteLine($"seed {seed:X}h, {instances * CasesPerInstance} cases a form");
        List<FormReport> reports = [];
        List<Code> notOnHost = [];
        foreach (Code code in InstructionForms.All)
        {
            if (only is not null && !code.ToString().Contains(only, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!HostFeatures.OnHost(code))
                notOnHost.Add(code);
            else
                reports.Add(runner.Run(code, seed, instances, CasesPerInstance, ShownFailures));
        }

        Summarise(reports, notOnHost);
        Assert.That(reports.Where(r => r.Outcome == FormOutcome.Different).Select(r => r.Code), Is.Empty, "forms that differ from the host");
        Assert.That(reports.Where(r => r.Outcome == FormOutcome.Same), Is.Not.Empty, "nothing was examined");
    }

    private static void Summarise(List<FormReport> reports, List<Code> notOnHost)
    {
        TextWriter text = TestContext.Out;
        foreach (FormReport report in reports.Where(r => r.Outcome == FormOutcome.Different))
        {
            text.WriteLine($"{report.Code}: differs");
            foreach (string failure in report.Failures)
                text.WriteLine(failure);
        }

        text.WriteLine($"same: {reports.Count(r => r.Outcome == FormOutcome.Same)} forms, {reports.Sum(r => (long)r.Cases)} cases, {reports.Sum(r => (long)r.Faults)} of them exceptions");
        text.WriteLine($"different: {reports.Count(r => r.Outcome == FormOutcome.Different)}");
        Write(text, "not implemented", reports.Where(r => r.Outcome == FormOutcome.NotImplemented).Select(r => r.Code));
        Write(text, "not encodable", reports.Where(r => r.Outcome == FormOutcome.NotEncodable).Select(r => r.Code));
        Write(text, "not on this host", notOnHost);
    }

    private static void Write(TextWriter text, string what, IEnumerable<Code> codes)
    {
        List<Code> list = codes.ToList();
        text.WriteLine($"{what}: {list.Count} {string.Join(' ', list)}");
    }

    private static ulong Setting(string name, ulong fallback) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), out ulong value) ? value : fallback;
}
