using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>Examines a list of forms against the host and reports.</summary>
internal static class FormExaminer
{
    /// <summary>Fails when a form differs.</summary>
    /// <param name="cpu">The simulated processor.</param>
    /// <param name="forms">Which forms; those that the host lacks are listed.</param>
    /// <param name="plan">How.</param>
    public static void Examine(ISimulatedCpu cpu, IEnumerable<Code> forms, OraclePlan plan)
    {
        OracleRunner runner = new(HostCpu.Open(), cpu);
        TestContext.Out.WriteLine($"seed {plan.Seed:X}h, {plan.Instances * plan.CasesPerInstance} cases a form");
        List<FormReport> reports = [];
        List<Code> notOnHost = [];
        (int part, int parts) = OracleSettings.Shard;
        int number = 0;
        foreach (Code code in forms)
        {
            if (number++ % parts != part)
                continue;
            if (OracleSettings.Only is string only && !code.ToString().Contains(only, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!HostFeatures.OnHost(code))
                notOnHost.Add(code);
            else
                reports.Add(runner.Run(code, plan));
        }

        Summarise(reports, notOnHost);
        Assert.That(reports.Where(r => r.Outcome == FormOutcome.Different).Select(r => r.Code), Is.Empty, "forms that differ from the host");
        if (parts == 1)
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
}
