using System.Globalization;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// Text as <c>perf script --ns</c> prints it: command, task, CPU, seconds, event, arguments. Events that Linux has a tracepoint for carry its name
/// and form (raw_syscalls:sys_enter, raw_syscalls:sys_exit, exceptions:page_fault_*, msr:read_msr, msr:write_msr); the others are cosim:KIND.
/// A task is an address space (<c>task1</c>, 1); what belongs to no core is written with CPU 0 and task <c>machine</c>, 0.
/// </summary>
internal sealed class PerfScriptExporter : ITraceExporter
{
    private const ulong KernelHalf = 1UL << 63;

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        using StreamWriter writer = ExportText.Writer(output);
        SystemCalls calls = new();
        foreach (TraceEvent e in input.Happenings)
        {
            bool? ends = calls.Take(in e, out CallInProgress call);
            if (ends == true)
                Line(writer, calls, in e, string.Create(CultureInfo.InvariantCulture, $"raw_syscalls:sys_exit: NR {call.Number} = {unchecked((long)e.Number("rax"))}"));
            else
                Line(writer, calls, in e, Describe(in e));
        }
    }

    private static void Line(StreamWriter writer, SystemCalls calls, in TraceEvent e, string what)
    {
        int core = Math.Max(e.Core, 0);
        int task = e.Core < 0 ? 0 : calls.ProcessOf(core);
        string name = e.Core < 0 ? "machine" : $"task{task}";
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,16} {task,5} [{core:D3}] {ExportText.Seconds(e.Time),16}: {what}"));
    }

    private static string Describe(in TraceEvent e) => e.Kind.Name switch
    {
        "syscall" => string.Create(
            CultureInfo.InvariantCulture,
            $"raw_syscalls:sys_enter: NR {e.Number("nr")} ({e.Number("a0"):x}, {e.Number("a1"):x}, {e.Number("a2"):x}, {e.Number("a3"):x}, {e.Number("a4"):x}, {e.Number("a5"):x})"),
        "exception" when e.Number("vector") == ExceptionVector.PageFault => string.Create(
            CultureInfo.InvariantCulture,
            $"exceptions:page_fault_{(e.Number("rip") >= KernelHalf ? "kernel" : "user")}: address=0x{e.Number("cr2"):x} ip=0x{e.Number("rip"):x} error_code=0x{e.Number("error"):x}"),
        "msr-read" => string.Create(CultureInfo.InvariantCulture, $"msr:read_msr: {e.Number("msr"):x}, value {e.Number("value"):x}"),
        "msr-write" => string.Create(CultureInfo.InvariantCulture, $"msr:write_msr: {e.Number("msr"):x}, value {e.Number("value"):x}"),
        _ => Generic(in e),
    };

    private static string Generic(in TraceEvent e)
    {
        System.Text.StringBuilder text = new("cosim:");
        text.Append(e.Kind.Name).Append(':');
        for (int i = 0; i < e.Kind.FieldCount; i++)
        {
            string value = i == e.Kind.TextField ? ExportText.Word(e.Show(i)) : e.Show(i);
            text.Append(' ').Append(e.Kind.Fields[i].Name).Append('=').Append(value);
        }

        return text.ToString();
    }
}
