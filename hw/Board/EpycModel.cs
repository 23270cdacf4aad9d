using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>
/// A processor of the EPYC 7002 family. The base frequency is the P0 frequency, and with HWCR (MSR C001_0015h) bit 24 set
/// it is the TSC's too.
/// </summary>
/// <param name="Name">The number on the package: <c>7742</c>, <c>7F52</c>.</param>
/// <param name="Cores">Cores of one socket.</param>
/// <param name="BaseMegahertz">P0 frequency in MHz.</param>
/// <remarks>Source: AMD EPYC 7002 product data sheets; the 7742 row was checked against an MSR dump (P0 = 22.5 x 100 MHz).</remarks>
public sealed record EpycModel(string Name, int Cores, uint BaseMegahertz)
{
    /// <summary>Every model known, the default first.</summary>
    public static IReadOnlyList<EpycModel> All { get; } =
    [
        new("7742", 64, 2250),
        new("7702", 64, 2000),
        new("7662", 64, 2000),
        new("7H12", 64, 2600),
        new("7642", 48, 2300),
        new("7552", 48, 2200),
        new("7542", 32, 2900),
        new("7532", 32, 2400),
        new("7502", 32, 2500),
        new("7452", 32, 2350),
        new("7F72", 24, 3200),
        new("7402", 24, 2800),
        new("7352", 24, 2300),
        new("7F52", 16, 3500),
        new("7302", 16, 3000),
        new("7282", 16, 2800),
        new("7272", 12, 2900),
        new("7F32", 8, 3700),
        new("7262", 8, 3200),
        new("7252", 8, 3100),
        new("7232P", 8, 3100),
    ];

    /// <summary>The P0 and TSC frequency.</summary>
    public Frequency Base => Frequency.FromMegahertz(BaseMegahertz);

    /// <summary>
    /// The frequencies of the P-states behind P0 in MHz, each below the one before. Known are those of the 7742 (MSR dump: 2000 and 1500) and of the 7502
    /// (2200 and 1500: Schoene et al. 2021, arXiv 2108.00808). The others are taken to have the 7742's, where these lie below their P0.
    /// </summary>
    public IReadOnlyList<uint> SlowerMegahertz => Name == "7502" ? [2200, 1500] : BaseMegahertz > 2000 ? [2000, 1500] : [1500];

    /// <summary>Finds a model by its number, in either case, with or without <c>EPYC</c> before it.</summary>
    /// <returns>Null when no such model is known.</returns>
    public static EpycModel? Find(string name)
    {
        string number = name.Trim();
        if (number.StartsWith("EPYC", StringComparison.OrdinalIgnoreCase))
        {
            number = number[4..].TrimStart(' ', '-', '_');
        }

        return All.FirstOrDefault(m => m.Name.Equals(number, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The number on the package.</summary>
    public override string ToString() => Name;
}
