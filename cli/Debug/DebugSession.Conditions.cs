using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Debug;

/// <content>Stops at events and at conditions on registers: those of the command line end the run, those of monitor commands stop in gdb.</content>
internal sealed partial class DebugSession
{
    private StopEvent? _condition;

    private void MonitorStop(string[] words, TextWriter output)
    {
        string rest = string.Join(' ', words.Skip(2));
        try
        {
            switch (words)
            {
                case ["stop"]:
                    foreach (string text in Wanted())
                        output.WriteLine("stop " + text);
                    break;
                case ["stop", "never"]:
                    _stopTime = SimTime.Never;
                    _run.Conditions.Clear();
                    break;
                case ["stop", "on", _, ..]:
                    _run.Conditions.Add(EventTest.Parse("stop on", rest, EventTest.WhileRunning), endsRun: false);
                    _run.WatchConditions();
                    break;
                case ["stop", "when", _, ..]:
                    (string name, ulong value) = _run.Conditions.Add("stop when", RegisterTest.Parse("stop when", rest), endsRun: false);
                    _run.WatchConditions();
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} is 0x{value:x} now"));
                    break;
                default:
                    output.WriteLine($"'{string.Join(' ', words)}': say stop at TIME, stop on EVENT, stop when CONDITION, or stop never");
                    break;
            }
        }
        catch (HelpRequest e)
        {
            output.Write(e.Message);
        }
        catch (BadInputException e)
        {
            output.WriteLine(e.Message);
        }
    }

    private IEnumerable<string> Wanted() => _stopTime == SimTime.Never ? _run.Conditions.Texts : [$"at {_stopTime}", .. _run.Conditions.Texts];

    /// <summary>Looks whether a condition has come true. True when the run ends here.</summary>
    private bool LookAtConditions(MachineCore? core, RunPosition here)
    {
        if (!_run.HasConditions || _run.Conditions.Look(core, core is null ? Machine.Now : TimeOf(core)) is not { } hit)
            return false;
        if (hit.EndsRun)
        {
            _leaves = true;
            _run.EndAt(hit);
            return true;
        }

        StopEvent stop = StopOf(hit, core?.Index ?? 0);
        if (_journey is null)
            _condition = stop;
        else if (IsSearch && here.Position > 0 && here.Position < _journey.End.Position)
            _journey.Found = (here.Position, stop);
        return false;
    }

    /// <summary>An event has happened within an instruction. True when nobody needs to hear more of it: the way back notes the boundary before.</summary>
    private bool OnEvent(ConditionHit hit)
    {
        if (hit.EndsRun)
            return false;
        if (_leaves || _front is null)
            return true;
        if (_journey is null)
            return false;
        if (IsSearch)
            _journey.Found = (Math.Max(_watch.Position, 1), StopOf(hit, 0));
        return true;
    }

    private bool IsSearch => _journey is { Destination: null } && _order.Kind == ResumeKind.ReverseContinue;

    private static StopEvent StopOf(ConditionHit hit, int core) => new(StopKind.Condition, Math.Max(hit.Core, core), 0, $"cosim: {hit.Text}");

    private ulong NextConditionLook() => _condition is not null ? 0 : _run.HasConditions ? ConditionWatch.BoundaryBefore(Machine, _watch.Position, _run.Conditions.NextTime) : ulong.MaxValue;

    /// <summary>An idle machine stands still exactly at a time that somebody waits for.</summary>
    private void AimBetweenTurns()
    {
        SimTime next = SimTime.Min(_stopTime, _run.HasConditions ? _run.Conditions.NextTime : SimTime.Never);
        Machine.LookTime = _front is not null && next > Machine.Now ? next : SimTime.Never;
    }
}
