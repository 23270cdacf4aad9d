using CoSim.Traces.Format;

namespace CoSim.Traces.Import;

/// <summary>
/// The kinds of events in a trace that was imported from a real machine. Their numbers follow those of <see cref="TraceEvents"/> at a
/// distance, so that both can grow. Times count from the first event of the recording; the machine's own clock is not kept.
/// </summary>
public static class ImportedEvents
{
    private static readonly EventField Thread = new("thread", FieldType.Number);

    /// <summary>
    /// A call that a thread made, at the time when it began. <c>clock</c>: clock id of clock_gettime(2), -1 for none. <c>timeout</c>: nanoseconds, -1
    /// for none. <c>interval</c>: a timer's period in nanoseconds. <c>flags</c>: <see cref="CallFlags"/>. <c>object</c>: file descriptor, timer id or
    /// which interval timer; of a poll or select the number of descriptors. <c>duration</c>: nanoseconds, all ones when unknown.
    /// </summary>
    public static readonly EventKind Call = new(64, "program-call",
    [
        new("call", FieldType.Text), Thread, new("clock", FieldType.Signed), new("timeout", FieldType.Signed), new("interval", FieldType.Number),
        new("flags", FieldType.Hex), new("object", FieldType.Signed), new("result", FieldType.Signed), new("duration", FieldType.Number),
    ]);

    /// <summary>A signal reached a thread.</summary>
    public static readonly EventKind Signal = new(65, "program-signal", [Thread, new("signal", FieldType.Text)]);

    /// <summary>A thread appeared: its parent (0: unknown), whether it shares the parent's descriptors, and its name where the recording has it.</summary>
    public static readonly EventKind ThreadStart = new(66, "program-thread", [Thread, new("parent", FieldType.Number), new("shares", FieldType.Flag), new("name", FieldType.Text)]);

    /// <summary>A thread ended by itself ("exited"), by a signal ("killed by NAME") or by another's execve ("superseded").</summary>
    public static readonly EventKind ThreadEnd = new(67, "program-exit", [Thread, new("status", FieldType.Signed), new("how", FieldType.Text)]);

    /// <summary>
    /// A tracepoint of the kernel: its name (and the timer's function), the thread and the CPU that ran, the timer, interrupt or vector concerned,
    /// and its value (an expiry or clock time in nanoseconds or jiffies).
    /// </summary>
    public static readonly EventKind Kernel = new(68, "kernel-event", [new("event", FieldType.Text), new("cpu", FieldType.Core), Thread, new("object", FieldType.Hex), new("value", FieldType.Signed)]);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<EventKind> All = [Call, Signal, ThreadStart, ThreadEnd, Kernel];
}
