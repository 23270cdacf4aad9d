namespace CoSim.Cli.Debug;

/// <content>Monitor commands.</content>
internal sealed partial class DebugSession
{
    /// <inheritdoc/>
    public bool CanReverse => false;

    /// <inheritdoc/>
    public void Monitor(string command, MachineCore core, TextWriter output) => output.WriteLine("no such command");
}
