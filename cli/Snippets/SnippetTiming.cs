using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>What the detailed engine measured.</summary>
/// <param name="RunCycles">Cycles of the run whose registers the result shows: from its start to its last retirement.</param>
/// <param name="Cold">Caches and predictors were empty before it.</param>
/// <param name="Run">That run.</param>
/// <param name="Loop">The measurement in a loop; null when there is none.</param>
/// <param name="NoLoop">Why there is none.</param>
internal sealed record SnippetTiming(ulong RunCycles, bool Cold, PipelineRecord Run, LoopTiming? Loop, string? NoLoop)
{
    /// <summary>The stretch that tables and timeline are about: the loop, or the run where there is none.</summary>
    public PipelineRecord Record => Loop?.Record ?? Run;
}

/// <summary>A loop of copies of the code, measured.</summary>
internal sealed record LoopTiming
{
    /// <summary>Core cycles of one iteration, exact.</summary>
    public required Fraction CyclesPerIteration { get; init; }

    /// <summary>Every measured lap pattern repeats.</summary>
    public required bool IsSteady { get; init; }

    /// <summary>Copies of the code in the recorded loop.</summary>
    public required int Copies { get; init; }

    /// <summary>Copies in the shorter loop whose cycles were subtracted; 0 when there was none.</summary>
    public required int ShorterCopies { get; init; }

    /// <summary>Laps after which the recorded loop repeats; 0 when it does not.</summary>
    public required int Period { get; init; }

    /// <summary>Laps before the recorded ones.</summary>
    public required int WarmUpLaps { get; init; }

    /// <summary>Laps that were recorded.</summary>
    public required int Laps { get; init; }

    /// <summary>Their cycles.</summary>
    public required ulong Cycles { get; init; }

    /// <summary>What was recorded, the jump back included.</summary>
    public required PipelineRecord Record { get; init; }

    /// <summary>Address of the jump (offset in the code segment).</summary>
    public required ulong Jump { get; init; }

    /// <summary>Iterations that were recorded.</summary>
    public long Iterations => (long)Laps * Copies;

    /// <summary>Instructions of the snippet in an iteration, without the jump.</summary>
    public Fraction InstructionsPerIteration => new Fraction(Record.Retired - (ulong)Laps, 1) / Iterations;

    /// <summary>Instructions of the snippet per cycle.</summary>
    public Fraction? InstructionsPerCycle => CyclesPerIteration.Numerator.Sign > 0 ? InstructionsPerIteration / CyclesPerIteration : null;

    /// <summary>A sum over the snippet's instructions, without the jump, per iteration.</summary>
    public Fraction PerIteration(Func<InstructionCost, ulong> part)
    {
        ulong sum = 0;
        foreach ((ulong rip, InstructionCost cost) in Record.Instructions)
            sum += rip == Jump ? 0 : part(cost);
        return new Fraction(sum, Iterations);
    }

    /// <summary>Executions of the micro-ops of one pipe in an iteration.</summary>
    public Fraction PerIteration(ExecutionPort port) => PerIteration(c => c.Ports[(int)port]);
}
