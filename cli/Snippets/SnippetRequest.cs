namespace CoSim.Cli.Snippets;

/// <summary>A snippet that can be run: everything is read, parsed and checked.</summary>
internal sealed record SnippetRequest
{
    /// <summary>Where the stack lies unless the stack pointer is set: 64 KiB, in 32 and 64-bit mode.</summary>
    public const ulong StackBase = 0x7FFF_0000, StackBytes = 0x1_0000;

    /// <summary>Initial stack pointers: a page below the top in paged modes, the end of the first 64 KiB in real mode.</summary>
    public const ulong StackPointer = 0x7FFF_F000, RealStackPointer = 0xFF00;

    /// <summary>Its name; null when it has none.</summary>
    public required string? Name { get; init; }

    /// <summary>Machine code, at least one byte.</summary>
    public required byte[] Code { get; init; }

    /// <summary>Linear address of its first byte.</summary>
    public required ulong At { get; init; }

    /// <summary>The mode.</summary>
    public required BareMode Mode { get; init; }

    /// <summary>Privilege level 3.</summary>
    public required bool User { get; init; }

    /// <summary>Registers that are not zero at the start.</summary>
    public required IReadOnlyList<RegisterValue> Set { get; init; }

    /// <summary>Memory; no two share a page.</summary>
    public required IReadOnlyList<MemoryMapping> Maps { get; init; }

    /// <summary>The default stack is mapped.</summary>
    public required bool HasStack { get; init; }

    /// <summary>Memory of the result.</summary>
    public required IReadOnlyList<ShownMemory> Show { get; init; }

    /// <summary>What must hold at the end.</summary>
    public required IReadOnlyList<Expectation> Expect { get; init; }

    /// <summary>Linear address where an iteration ends; the end of the code unless the user said otherwise.</summary>
    public required ulong Until { get; init; }

    /// <summary>Iterations, at least 1.</summary>
    public required ulong Iterations { get; init; }

    /// <summary>Limit of instructions, at least 1.</summary>
    public required ulong MaxInstructions { get; init; }

    /// <summary>The engine.</summary>
    public required EngineKind Engine { get; init; }

    /// <summary>Every register in the result.</summary>
    public required bool All { get; init; }

    /// <summary>The detailed run starts with empty caches and predictors.</summary>
    public required bool Cold { get; init; }

    /// <summary>The detailed engine measures the code in a loop too.</summary>
    public required bool Loop { get; init; }

    /// <summary>Copies in the measured loop; 0 to choose.</summary>
    public required int Unroll { get; init; }

    /// <summary>Iterations of the timeline; 0 for none.</summary>
    public required int Timeline { get; init; }

    /// <summary>Address behind the last byte.</summary>
    public ulong End => At + (ulong)Code.Length;

    /// <summary>The first instruction.</summary>
    public ulong Start => Set.LastOrDefault(s => s.Register.Kind == RegisterKind.InstructionPointer) is { } pointer ? (ulong)pointer.Value : At;
}
