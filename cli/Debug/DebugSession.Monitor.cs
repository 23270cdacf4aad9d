using System.Globalization;
using CoSim.Cli.Debug.Protocol;
using CoSim.Cli.Inspect;
using CoSim.Cli.Debug.Target;
using CoSim.Cli.Options;
using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Debug;

/// <content>Monitor commands: what gdb has no packets for.</content>
internal sealed partial class DebugSession
{
    private const string Help = """
        time                         the simulated time, and instructions of all cores
        stop at TIME                 stop when so much time has passed since reset: 1.5s, 120ms, 30us, 5ns
        stop at never                forget it
        stop on EVENT[:FIELD=VALUE,...]  stop behind each such event of a trace: stop on timer-expired:timer~hpet
        stop when CONDITION          stop each time it comes true: stop when hpet.MAIN_CNT >= 0x1000, core0.cr3 == 0x1000
        stop when help               the registers that can be named
        stop never                   forget all of these
        stop                         list them
        info clocks                  the counters now: TSC, local APIC timer, HPET, PM timer
        checkpoint FILE              write the machine at this place, when it goes on; cosim resume FILE goes on from there
        symbols FILE [VMLINUX]       write an ELF file with the symbols of the kernel, where it lies now: symbol-file FILE reads it
        reset                        press the reset button, when it goes on
        mem ADDRESS [LENGTH]         physical memory, in hexadecimal; 16 bytes unless told
        code [ADDRESS [COUNT]]       instructions as the core decodes them now: 16, 32 or 64-bit code
        engine functional|detailed   go on with the other engine
        history                      what is kept to go back to
        Numbers are hexadecimal with or without 0x.
        """;

    private const int MostBytesShown = 4096;

    private SimTime _stopTime = SimTime.Never;

    /// <inheritdoc/>
    public void Monitor(string command, MachineCore core, TextWriter output)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case [] or ["help"]:
                output.WriteLine(Help);
                break;
            case ["time"]:
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeOf(core)} since reset, core cycle {core.Cycle}, {Machine.Instructions} instructions"));
                break;
            case ["info", "clocks"]:
                foreach (ClockView clock in ClockInspection.Of(Machine, core, TimeOf(core)))
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Name,-32} {clock.Text,22}  {clock.Hertz} Hz{(clock.CountsDown ? ", down" : "")}"));
                break;
            case ["checkpoint", string path]:
                WriteCheckpoint(path, output);
                break;
            case ["symbols", string path]:
                WriteSymbols(path, null, output);
                break;
            case ["symbols", string path, string kernel]:
                WriteSymbols(path, kernel, output);
                break;
            case ["reset"]:
                LeaveHere(() => _resetWanted = true);
                output.WriteLine("the machine is reset when it goes on");
                break;
            case ["history"]:
                output.WriteLine(CanReverse ? HistoryText : "a run that is logged or recorded does not go back");
                break;
            case ["stop", ..] and not ["stop", "at", _]:
                MonitorStop(words, output);
                break;
            case ["stop", "at", "never"]:
                _stopTime = SimTime.Never;
                break;
            case ["stop", "at", string time]:
                if (PlaceChoice.TryTime(time, out SimTime point))
                    _stopTime = point;
                else
                    output.WriteLine($"stop at '{time}': a time is a number with s, ms, us or ns");
                break;
            case ["mem", string address]:
                Dump(address, "10", output);
                break;
            case ["mem", string address, string length]:
                Dump(address, length, output);
                break;
            case ["code", ..]:
                ListCode(words, core, output);
                break;
            case ["engine", "functional" or "detailed"]:
                Machine.SwitchEngine(words[1] == "detailed" ? EngineKind.Detailed : EngineKind.Functional);
                _diverged = true;
                _run.Diverge();
                break;
            default:
                output.WriteLine($"'{command}': no such command; monitor help lists them");
                break;
        }
    }

    private SimTime TimeOf(MachineCore core) => SimTime.Max(Machine.Now, Machine.Clocks.Core.TimeOf(core.Cycle));

    private void Dump(string address, string length, TextWriter output)
    {
        const int perLine = 16;
        if (!Hexadecimal(address, out ulong at) || !Hexadecimal(length, out ulong count) || count is 0 or > MostBytesShown)
        {
            output.WriteLine($"mem {address} {length}: an address and a length from 1 to {MostBytesShown:x}");
            return;
        }

        byte[] bytes = new byte[(int)count];
        int read = TargetMemory.ReadPhysical(Machine.Memory, at, bytes);
        for (int line = 0; line < read; line += perLine)
        {
            IEnumerable<string> words = bytes.Take(read).Skip(line).Take(perLine).Select(b => b.ToString("x2", CultureInfo.InvariantCulture));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at + (ulong)line:x16}  {string.Join(' ', words)}"));
        }

        if (read < bytes.Length)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at + (ulong)read:x16}  no memory"));
    }

    private static bool Hexadecimal(string word, out ulong value) =>
        GdbHex.TryNumber(word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word.AsSpan(2) : word, out value);

    /// <summary>The stop for a time that has come; null when it has not.</summary>
    private StopEvent? TimeStop(MachineCore core, SimTime now)
    {
        if (now < _stopTime)
            return null;
        _stopTime = SimTime.Never;
        return new StopEvent(StopKind.Condition, core.Index, 0, $"cosim: the time is {now}");
    }

    /// <summary>The boundary at which the time has to be looked at next.</summary>
    private ulong NextTimeLook() => ConditionWatch.BoundaryBefore(Machine, _watch.Position, _stopTime);
}
