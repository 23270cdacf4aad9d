using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Debug;

/// <content>
/// What can be done between two turns of the cores only: the engine leaves its code at this boundary, as it does after a change by the
/// debugger, and another history begins.
/// </content>
internal sealed partial class DebugSession
{
    private string? _checkpointPath;
    private bool _resetWanted;

    private void WriteCheckpoint(string path, TextWriter output)
    {
        try
        {
            WholeFile.CheckWritable(path);
        }
        catch (BadInputException e)
        {
            output.WriteLine(e.Message);
            return;
        }

        LeaveHere(() => _checkpointPath = path);
        output.WriteLine($"{path} is written when the machine goes on");
    }

    private void LeaveHere(Action order)
    {
        order();
        _changed = true;
    }

    /// <summary>Between two turns: carries out what waited for it.</summary>
    private void ActBetweenTurns()
    {
        Machine.RestartOnReset &= _resetWanted;
        if (_checkpointPath is { } path)
        {
            _checkpointPath = null;
            WholeFile.Write(path, _run.TakeCheckpoint().Write);
        }

        if (_resetWanted)
        {
            _resetWanted = false;
            Machine.RestartOnReset = true;
            ((IMachineControl)Machine).RequestReset(ResetKind.Cold);
        }
    }
}
