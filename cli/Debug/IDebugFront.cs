namespace CoSim.Cli.Debug;

/// <summary>Whoever debugs.</summary>
internal interface IDebugFront : IDisposable
{
    /// <summary>The machine stands still. Returns when it is to go on.</summary>
    ResumeOrder Serve(StopEvent stop);

    /// <summary>The machine runs no more.</summary>
    /// <param name="status">The program's exit status; null when it has none.</param>
    void Ended(int? status);
}

/// <summary>What a run does when its machine has returned.</summary>
internal enum AfterTurn
{
    /// <summary>What it does without a debugger.</summary>
    Proceed,

    /// <summary>The machine runs again at once.</summary>
    Again,

    /// <summary>The run is over.</summary>
    End,
}
