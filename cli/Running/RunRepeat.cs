namespace CoSim.Cli.Running;

/// <summary>
/// What tells the first execution of a part of a run from later ones, after a debugger has gone back: what the machine says is then said
/// already, and what it asks has been answered.
/// </summary>
internal sealed class RunRepeat
{
    private readonly SortedList<ulong, byte> _inputs = [];
    private ulong _said;
    private ulong _saidMost;
    private ulong _asked;
    private ulong _askedMost;

    /// <summary>Set while the machine executes what does not count, on its way out of a turn that is given up.</summary>
    public bool IsVoid { get; set; }

    /// <summary>How often the machine has asked for input.</summary>
    public ulong Asked => _asked;

    /// <summary>Where the run is.</summary>
    public (ulong Said, ulong Asked) Mark => (_said, _asked);

    /// <summary>The machine says something to its host. True when it has said so before.</summary>
    public bool Says()
    {
        if (IsVoid || ++_said <= _saidMost)
            return true;
        _saidMost = _said;
        return false;
    }

    /// <summary>The machine asks for a byte. True when it has asked before; the answer is the one of then.</summary>
    public bool Asks(out byte? answer)
    {
        answer = null;
        if (IsVoid)
            return true;
        if (++_asked <= _askedMost)
        {
            if (_inputs.TryGetValue(_asked, out byte value))
                answer = value;
            return true;
        }

        _askedMost = _asked;
        return false;
    }

    /// <summary>The byte that the machine got when it asked last.</summary>
    public void Answered(byte value) => _inputs[_asked] = value;

    /// <summary>Whether a byte is still to come that came before.</summary>
    public bool AnswersFollow => _asked < _askedMost && _inputs.Count > 0 && _inputs.Keys[^1] > _asked;

    /// <summary>Goes back.</summary>
    public void Return((ulong Said, ulong Asked) mark) => (_said, _asked) = mark;

    /// <summary>From here on the run is another one: nothing of what comes has been before.</summary>
    public void Diverge()
    {
        (_saidMost, _askedMost) = (_said, _asked);
        while (_inputs.Count > 0 && _inputs.Keys[^1] > _asked)
            _inputs.RemoveAt(_inputs.Count - 1);
    }
}

/// <summary>What a run has to know of itself to go on from an earlier place.</summary>
/// <param name="Repeat">What has been said and asked.</param>
/// <param name="Until">The time up to which the machine was told to run.</param>
/// <param name="Started">Whether the boot was over.</param>
/// <param name="InstructionsSeen">Instructions at the last look.</param>
/// <param name="LastProgress">When instructions were executed last.</param>
/// <param name="TextsMatched">Bytes of each awaited text that were on the console.</param>
internal sealed record RunMark((ulong Said, ulong Asked) Repeat, Hw.Simulation.SimTime Until, bool Started, ulong InstructionsSeen, Hw.Simulation.SimTime LastProgress, int[] TextsMatched);
