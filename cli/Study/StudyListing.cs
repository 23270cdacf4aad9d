using System.Globalization;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Study;

/// <summary>The annotated listing of one configuration: where its cycles went, instruction by instruction.</summary>
public static class StudyListing
{
    private const int CausesPerLine = 3;

    /// <summary>Writes the listing.</summary>
    public static void Write(StudyReport report, ConfigurationProfile profile, Screen screen)
    {
        WriteHeading(report, profile, screen.Output);
        TextTable table = new TextTable()
            .Numbers("cycles").Numbers("/call").Numbers("times").Words("address").Words("bytes").Words("instruction").Words("symbol").Words("source").Words("causes");
        string lastSymbol = "";
        string lastSource = "";
        foreach ((InstructionProfile instruction, CodeLocation at) in InOrder(report, profile))
        {
            string symbol = at.Image.Length == 0 ? "" : $"{(at.Symbol.Length == 0 ? at.Image : at.Symbol)}+{at.Offset:x}";
            string source = at.Line == 0 ? "" : $"{ShortFile(at.File)}:{at.Line}";
            table.Row(
                instruction.Cycles == 0 ? "" : Number(instruction.Cycles),
                instruction.Cycles == 0 ? "" : ExactDecimal.Ratio(instruction.Cycles, (UInt128)(uint)profile.Samples.Count, 1),
                Number(instruction.Times),
                instruction.Address.ToString("x", CultureInfo.InvariantCulture),
                Convert.ToHexStringLower(at.Bytes),
                at.Text,
                symbol,
                source == lastSource && at.Symbol == lastSymbol ? "" : source,
                Causes(report, instruction));
            (lastSymbol, lastSource) = (at.Symbol, source);
        }
        screen.Write(table);
    }

    private static void WriteHeading(StudyReport report, ConfigurationProfile profile, TextWriter output)
    {
        ulong[] byCause = profile.CyclesByCause();
        ulong total = CycleStatistics.Of(profile.Samples).Sum;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{profile.Configuration}: {profile.Samples.Count} calls, {total} cycles, attributed {total - profile.UnattributedCycles}"));
        foreach ((int cause, ulong cycles) in byCause.Index().OrderByDescending(c => c.Item))
            if (cycles > 0)
                output.WriteLine($"  {ExactDecimal.Ratio((UInt128)cycles * 100, total, 1),5} %  {report.Spans.Causes[cause]}");
    }

    /// <summary>Functions in the order of their first execution, addresses ascending in each.</summary>
    private static IEnumerable<(InstructionProfile Instruction, CodeLocation At)> InOrder(StudyReport report, ConfigurationProfile profile) =>
        profile.Instructions
            .Select(i => (Instruction: i, At: report.Code.Locate(i.Address, i.Code)))
            .GroupBy(i => (i.At.Image, i.At.Symbol))
            .OrderBy(g => g.Min(i => i.Instruction.Order))
            .SelectMany(g => g.OrderBy(i => i.Instruction.Address));

    private static string Causes(StudyReport report, InstructionProfile instruction)
    {
        List<(int Cause, ulong Cycles)> causes = [];
        for (int cause = 0; cause < report.Spans.Causes.Count; cause++)
            if (instruction.CyclesByCause[cause] > 0)
                causes.Add((cause, instruction.CyclesByCause[cause]));
        IEnumerable<string> first = causes.OrderByDescending(c => c.Cycles).ThenBy(c => c.Cause).Take(CausesPerLine)
            .Select(c => $"{report.Spans.Causes[c.Cause]} {c.Cycles.ToString(CultureInfo.InvariantCulture)}");
        return string.Join(", ", first) + (causes.Count > CausesPerLine ? ", ..." : "");
    }

    /// <summary>The last two parts of a path: enough to find the file.</summary>
    private static string ShortFile(string file)
    {
        string[] parts = file.Split('/', '\\');
        return parts.Length <= 2 ? file : string.Join('/', parts[^2..]);
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
