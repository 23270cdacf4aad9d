namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>What one run of an instruction's microcode meant to the pipeline.</summary>
/// <param name="Cycles">Core cycles charged by devices and operations; 0 for a string instruction whose lines are walked.</param>
/// <param name="Flags">The rest.</param>
/// <param name="String">Ranges of a string instruction; meaningful with <see cref="MicrocodeFlags.IsString"/>.</param>
public readonly record struct MicrocodeRun(ulong Cycles, MicrocodeFlags Flags, StringRange String);

/// <summary>Facts about a run of microcode.</summary>
[Flags]
public enum MicrocodeFlags : byte
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The cycles were a device's.</summary>
    Device = 1,

    /// <summary>It changed modes or mappings: fetch begins anew behind it.</summary>
    Refetches = 2,

    /// <summary>Upper halves of YMM registers hold something other than zero behind it.</summary>
    UppersInUse = 4,

    /// <summary>A repeated string instruction that has stopped in between and goes on.</summary>
    GoesOn = 8,

    /// <summary>The core waits behind it.</summary>
    Waits = 16,

    /// <summary>A string instruction in 64-bit mode.</summary>
    IsString = 32,

    /// <summary>A string instruction that writes its destination.</summary>
    Writes = 64,

    /// <summary>The instruction was tried as micro-ops before.</summary>
    Assisted = 128,
}

/// <summary>What a string instruction touched: linear addresses and lengths in bytes; 0 bytes for a side that it does not use.</summary>
/// <param name="Elements">Elements handled, at least 1.</param>
/// <param name="Source">First byte read through RSI.</param>
/// <param name="SourceBytes">Bytes read.</param>
/// <param name="Destination">First byte read or written through RDI.</param>
/// <param name="DestinationBytes">Bytes read or written.</param>
public readonly record struct StringRange(ulong Elements, ulong Source, ulong SourceBytes, ulong Destination, ulong DestinationBytes);
