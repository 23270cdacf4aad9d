using System.Runtime.CompilerServices;
using System.Text;
using CoSim.Hw.Zen2Core.Isa.Decode;
using Iced.Intel;

namespace CoSim.Zen2Core.Tests;

/// <summary>
/// Every instruction form that the decoder library knows is executed, undefined on Zen 2, or left out with a reason; and
/// docs/instructions.md says which. COSIM_WRITE_DOCS=1 writes it anew.
/// </summary>
[TestFixture]
public sealed class InstructionDocumentTest
{
    private static readonly ILookup<FormStatus, Code> s_forms = Enum.GetValues<Code>().ToLookup(FormInventory.Of);

    [Test]
    public void NoFormIsForgotten()
    {
        Assert.That(s_forms[FormStatus.Missing], Is.Empty, "forms of Zen 2 that have no row in the form table and no reason");
        Assert.That(FormTable.Implemented.Where(c => FormInventory.Of(c) is not (FormStatus.Implemented or FormStatus.Hint)), Is.Empty, "rows of forms that a Zen 2 does not have");
        Assert.That(s_forms[FormStatus.Implemented].Count(), Is.GreaterThan(2200));
    }

    [Test]
    public void TheDocumentSaysWhatTheTableHas()
    {
        string path = Path.GetFullPath(Path.Combine(HerePath(), "../../../docs/instructions.md"));
        string text = Render();
        if (Environment.GetEnvironmentVariable("COSIM_WRITE_DOCS") == "1")
            File.WriteAllText(path, text);
        Assert.That(File.Exists(path), Is.True, $"{path} is missing; COSIM_WRITE_DOCS=1 writes it");
        Assert.That(File.ReadAllText(path), Is.EqualTo(text), "docs/instructions.md is not what the form table has; COSIM_WRITE_DOCS=1 writes it anew");
    }

    private static string Render()
    {
        StringBuilder text = new();
        text.Append("""
            # Instructions

            Every instruction form that the decoder library knows, and what the core does with it. Made from the form table by
            `COSIM_WRITE_DOCS=1 dotnet test tests/Zen2Core.Tests --filter InstructionDocument`; a test fails when a form of Zen 2's
            instruction sets is neither executed nor listed with a reason.

            | forms | what the core does |
            |---|---|

            """);
        Count(text, FormStatus.Implemented, "executes them");
        Count(text, FormStatus.Hint, "executes them as NOPs or prefetches: later processors gave these encodings a meaning, for Zen 2 they are reserved hints");
        Count(text, FormStatus.NotModelled, "raises #UD and logs them by name: Zen 2 has them, the model does not");
        Count(text, FormStatus.Undefined, "raises #UD, as a Zen 2 does: instruction sets of other processors");
        Count(text, FormStatus.NotDecoded, "never sees them: assemblers' names for WAIT and another instruction, data directives");
        text.AppendLine().AppendLine("## Not modelled").AppendLine();
        if (!s_forms[FormStatus.NotModelled].Any())
            text.AppendLine("None.");
        foreach (Code code in s_forms[FormStatus.NotModelled])
            text.AppendLine($"- `{Name(code)}`: {FormInventory.Reason(code)}");
        text.AppendLine().AppendLine("## Hints").AppendLine();
        foreach (Code code in s_forms[FormStatus.Hint])
            text.AppendLine($"- `{Name(code)}` ({Features(code)})");
        text.AppendLine().AppendLine("## Undefined").AppendLine().AppendLine("| instruction sets | forms |").AppendLine("|---|---|");
        foreach (IGrouping<string, Code> set in s_forms[FormStatus.Undefined].GroupBy(Features).OrderBy(g => g.Key, StringComparer.Ordinal))
            text.AppendLine($"| {set.Key} | {set.Count()} |");
        text.AppendLine().AppendLine("## Executed");
        foreach (IGrouping<string, Code> set in s_forms[FormStatus.Implemented].GroupBy(Features))
            AppendSet(text, set);
        return text.ToString();
    }

    private static void Count(StringBuilder text, FormStatus status, string what) => text.AppendLine($"| {s_forms[status].Count()} | {what} |");

    private static void AppendSet(StringBuilder text, IGrouping<string, Code> set)
    {
        text.AppendLine().AppendLine($"### {set.Key}").AppendLine().AppendLine("| form | encoding | modes |").AppendLine("|---|---|---|");
        foreach (Code code in set)
        {
            OpCodeInfo info = code.ToOpCode();
            string modes = string.Join(' ', new[] { info.Mode16 ? "16" : "", info.Mode32 ? "32" : "", info.Mode64 ? "64" : "" }.Where(m => m.Length > 0));
            text.AppendLine($"| {Name(code)} | {info.ToOpCodeString()} | {modes} |");
        }
    }

    private static string Name(Code code) => code.ToOpCode().ToInstructionString();

    private static string Features(Code code) => string.Join(" and ", code.CpuidFeatures());

    private static string HerePath([CallerFilePath] string path = "") => path;
}
