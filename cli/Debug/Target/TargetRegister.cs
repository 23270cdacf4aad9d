using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Debug.Target;

/// <summary>Copies a register's bytes, lowest first, out of a core that stands at an instruction boundary.</summary>
internal delegate void RegisterReader(MachineCore core, Span<byte> value);

/// <summary>Puts bytes into a register of a core that stands at an instruction boundary. False: that value is refused.</summary>
internal delegate bool RegisterWriter(MachineCore core, ReadOnlySpan<byte> value);

/// <summary>A register as gdb knows it.</summary>
/// <param name="Feature">The feature of the target description that it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Bits">Its width: 32, 64, 80 or 128.</param>
/// <param name="Type">Its type in the target description.</param>
/// <param name="Read">Reads it.</param>
/// <param name="Write">Writes it; null where a debugger cannot.</param>
internal sealed record TargetRegister(string Feature, string Name, int Bits, string Type, RegisterReader Read, RegisterWriter? Write)
{
    /// <summary>Its length in bytes.</summary>
    public int Bytes => Bits / 8;

    /// <summary>The group that gdb shows it in; null for the one of its type.</summary>
    public string? Group { get; init; }
}
