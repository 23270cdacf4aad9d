namespace CoSim.Cli.Debug.Target;

/// <summary>
/// All registers, numbered as they stand here. The names and the order within the first features are those that gdb demands (GDB manual,
/// appendix G.5.8, "x86 Features").
/// </summary>
internal static class TargetRegisters
{
    /// <summary>The registers.</summary>
    public static IReadOnlyList<TargetRegister> All { get; } =
    [
        .. GeneralRegisters.Core(),
        .. VectorRegisters.X87(),
        .. VectorRegisters.Sse(),
        .. VectorRegisters.Avx(),
        .. SystemRegisters.Bases(),
        .. SystemRegisters.System(),
    ];

    /// <summary>The number of a register that everybody has.</summary>
    public static int NumberOf(string name)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
                return i;
        }

        throw new ArgumentException($"no register {name}", nameof(name));
    }
}
