namespace CoSim.Cli.Migrate;

/// <summary>What the user chose for `cosim migrate`.</summary>
/// <param name="From">The machine that the program starts on.</param>
/// <param name="To">The machine that it goes on on. Its RTC is set when the wall clock of the first one is known.</param>
/// <param name="AtNanoseconds">Nanoseconds of simulated time that the program runs before it is moved.</param>
/// <param name="DowntimeSeconds">Seconds of wall time between the two machines.</param>
/// <param name="KeepsClocks">Whether a time namespace keeps the clocks of the program going.</param>
/// <param name="OsParameters">More parameters for both operating systems.</param>
/// <param name="Words">The program and its arguments; empty for the proof.</param>
/// <param name="ImageToRead">An image to start from instead of the first machine; null for none.</param>
/// <param name="ImageToWrite">Where to keep the image; null for nowhere.</param>
/// <param name="JsonFile">Where to write the report; null for nowhere.</param>
/// <param name="Verbose">Whether the consoles are shown from the firmware's first line.</param>
public sealed record MigrationChoice(
    MigrationEnd From,
    MigrationEnd To,
    long AtNanoseconds,
    long DowntimeSeconds,
    bool KeepsClocks,
    string OsParameters,
    IReadOnlyList<string> Words,
    string? ImageToRead,
    string? ImageToWrite,
    string? JsonFile,
    bool Verbose)
{
    /// <summary>The program of the initramfs that proves that the clocks are right.</summary>
    public const string Proof = "/bin/clockproof";

    /// <summary>Whether the proof runs, because no program was named.</summary>
    public bool IsProof => Words.Count == 0;
}
