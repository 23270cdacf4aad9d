using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// Perfetto's protobuf format, in nanoseconds. Tracks: under <c>cores</c> what each core is busy with (<see cref="CoreStates"/>) and, beside it, its
/// accesses and deliveries as points; under <c>system calls</c> the calls of each address space from SYSCALL to return; under
/// <c>interrupt lines</c> each line while asserted; under <c>timers</c> each timer while armed, with its expiries; under <c>APICs</c> accepted
/// interrupts; under <c>counters</c> the values that were read; under <c>machine</c> console lines, progress codes, everything else.
/// </summary>
internal sealed class PerfettoExporter : ITraceExporter
{
    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output) => new Tracks(new PerfettoPackets(output)).Write(input.Happenings);

    private sealed class Tracks(PerfettoPackets packets)
    {
        private readonly CoreStates _states = new();
        private readonly SystemCalls _calls = new();
        private readonly HashSet<ulong> _open = [];
        private readonly System.Text.StringBuilder _line = new();

        public void Write(IEnumerable<TraceEvent> events)
        {
            SimTime last = SimTime.Zero;
            foreach (TraceEvent e in events)
            {
                last = SimTime.Max(last, e.Time);
                if (_states.Take(in e, out int core, out string state))
                    Switch(CoreTrack(core), e.Time, state[(state.IndexOf(';') + 1)..], "core");
                SystemCall(in e);
                if (e.Core >= 0)
                    Core(in e);
                else
                    Device(in e);
            }

            foreach (ulong track in _open.Order())
                packets.End(track, last);
        }

        private ulong CoreTrack(int core) => packets.Track(packets.Track(0, "cores"), $"core {core}");

        private void SystemCall(in TraceEvent e)
        {
            bool? ends = _calls.Take(in e, out CallInProgress call);
            if (ends == null)
                return;
            string name = call.Process == 0 ? "no address space yet" : $"task {call.Process}";
            ulong track = packets.Track(packets.Track(0, "system calls"), call.Lane == 0 ? name : $"{name}, call {call.Lane + 1} at once");
            if (ends == true)
            {
                packets.End(track, e.Time);
                _ = _open.Remove(track);
                return;
            }

            _ = _open.Add(track);
            packets.Slice(track, SystemCallNames.Of(call.Number), "syscall");
            Arguments(in e);
            packets.Send(e.Time);
        }

        private void Core(in TraceEvent e)
        {
            if (e.Kind.Name is "syscall" or "user-return" or "activity")
                return;
            ulong track = CoreTrack(e.Core);
            if (e.Kind.Name == "clock-read")
            {
                packets.Value(packets.Track(packets.Track(0, "counters"), $"core {e.Core} {e.Text}", isCounter: true), e.Time, e.Number("value"));
                return;
            }

            string name = e.Kind.Name is "interrupt" or "exception" ? $"{e.Kind.Name} {e.Number("vector")}" : e.Kind.Name;
            packets.Point(packets.Track(track, "events"), name, e.Kind.Name);
            Arguments(in e);
            packets.Send(e.Time);
        }

        private void Device(in TraceEvent e)
        {
            string name = e.Text ?? "";
            switch (e.Kind.Name)
            {
                case "line":
                    Switch(packets.Track(packets.Track(0, "interrupt lines"), name), e.Time, e.Number("asserted") != 0 ? "asserted" : null, "line");
                    break;
                case "timer-programmed":
                    Switch(packets.Track(packets.Track(0, "timers"), name), e.Time, e.Number("expires-in") == ulong.MaxValue ? null : "armed", "timer");
                    break;
                case "timer-expired":
                    ulong timer = packets.Track(packets.Track(0, "timers"), name);
                    Switch(timer, e.Time, null, "timer");
                    packets.Point(timer, "expired", "timer");
                    packets.Send(e.Time);
                    break;
                case "counter-read":
                    packets.Value(packets.Track(packets.Track(0, "counters"), name, isCounter: true), e.Time, e.Number("value"));
                    break;
                case "interrupt-accepted":
                    Point(packets.Track(packets.Track(0, "APICs"), $"APIC {e.Number("apic")}"), $"vector {e.Number("vector")}", in e);
                    break;
                case "console-out":
                    Console(in e);
                    break;
                default:
                    Point(packets.Track(0, "machine"), e.Kind.Name, in e);
                    break;
            }
        }

        private void Point(ulong track, string name, in TraceEvent e)
        {
            packets.Point(track, name, e.Kind.Name);
            Arguments(in e);
            packets.Send(e.Time);
        }

        /// <summary>A console line, when its last byte left.</summary>
        private void Console(in TraceEvent e)
        {
            char c = (char)(byte)e.Number("byte");
            if (c != '\n')
            {
                if (c >= ' ')
                    _ = _line.Append(c);
                return;
            }

            packets.Point(packets.Track(0, "console"), _line.ToString(), "console");
            packets.Send(e.Time);
            _ = _line.Clear();
        }

        /// <summary>Ends the track's slice, if there is one, and begins another, if it has a name.</summary>
        private void Switch(ulong track, SimTime time, string? name, string category)
        {
            if (_open.Remove(track))
                packets.End(track, time);
            if (name == null)
                return;
            _ = _open.Add(track);
            packets.Begin(track, time, name, category);
        }

        private void Arguments(in TraceEvent e)
        {
            for (int i = 0; i < e.Kind.FieldCount; i++)
            {
                EventField field = e.Kind.Fields[i];
                switch (field.Type)
                {
                    case FieldType.Text:
                        packets.Argument(field.Name, e.Text ?? "");
                        break;
                    case FieldType.Hex:
                        packets.Address(field.Name, e.Values[i]);
                        break;
                    case FieldType.Signed:
                        packets.Signed(field.Name, unchecked((long)e.Values[i]));
                        break;
                    default:
                        packets.Argument(field.Name, e.Values[i]);
                        break;
                }
            }
        }
    }
}
