namespace CoSim.Cli.Debug.Protocol;

/// <summary>What the protocol asks of the run while the machine stands still.</summary>
internal interface IDebugControl
{
    /// <summary>The machine.</summary>
    Machine Machine { get; }

    /// <summary>Breakpoints and watchpoints.</summary>
    StopPoints Points { get; }

    /// <summary>Whether the run can go backwards.</summary>
    bool CanReverse { get; }

    /// <summary>State or memory of a core has been changed: the run is another one from here on.</summary>
    void Changed(MachineCore core);

    /// <summary>Carries a monitor command out.</summary>
    /// <param name="command">The command's words.</param>
    /// <param name="core">The core that the debugger looks at.</param>
    /// <param name="output">Receives the answer.</param>
    void Monitor(string command, MachineCore core, TextWriter output);
}
