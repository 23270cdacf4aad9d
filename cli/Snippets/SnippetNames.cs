using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>Words of the results.</summary>
internal static class SnippetNames
{
    private static readonly string[] s_exceptions =
    [
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS", "#NP", "#SS", "#GP", "#PF", "", "#MF", "#AC", "#MC", "#XM",
    ];

    /// <summary>Names of exceptions.</summary>
    public static IEnumerable<string> Exceptions => s_exceptions.Where(n => n.Length > 0);

    /// <summary>Pipes in the order of the tables.</summary>
    public static IReadOnlyList<ExecutionPort> Ports { get; } = [.. Enum.GetValues<ExecutionPort>().Where(p => p != ExecutionPort.None)];

    /// <summary>The manual's name of an exception; empty when the vector has none (AMD APM vol. 2, table 8-1).</summary>
    public static string OfVector(uint vector) => vector < s_exceptions.Length ? s_exceptions[vector] : "";

    /// <summary><c>alu0</c> and so on.</summary>
    public static string Of(ExecutionPort port) => port.ToString().ToLowerInvariant();

    /// <summary>16, 32 or 64.</summary>
    public static int Bits(BareMode mode) => mode switch
    {
        BareMode.Real16 => 16,
        BareMode.Protected32 => 32,
        _ => 64,
    };

    /// <summary>Why a snippet ended, for people.</summary>
    public static string Describe(SnippetResult result) => result.End switch
    {
        SnippetEnd.End => "reached the end of the code",
        SnippetEnd.Until => $"reached 0x{result.Request.Until:x}",
        SnippetEnd.Hlt => "halted by HLT",
        SnippetEnd.Mwait => "waits by MWAIT, and nothing will wake it",
        SnippetEnd.Limit => "stopped at the limit of instructions",
        SnippetEnd.Shutdown => "the core shut down",
        _ => Describe(result.Exception!),
    };

    private static string Describe(BareException e)
    {
        if (e.Software)
            return $"interrupt 0x{e.Vector:x2}, return address 0x{e.Rip:x}";
        string name = OfVector(e.Vector);
        string code = e.ErrorCode is { } error ? $", error code 0x{error:x}" : "";
        string address = e.Cr2 is { } linear ? $", address 0x{linear:x}" : "";
        return $"exception {(name.Length == 0 ? "" : name + " ")}(vector {e.Vector}{code}{address}) at 0x{e.Rip:x}";
    }
}
