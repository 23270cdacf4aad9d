using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>The engines that are examined. A new one needs a line in <see cref="All"/>.</summary>
public static class Engines
{
    /// <summary>Names, for test cases.</summary>
    public static readonly string[] All = [Functional, Translated, Detailed];

    /// <summary>The functional engine.</summary>
    public const string Functional = "functional";

    /// <summary>The functional engine with every block translated to host machine code; where the host does not allow that, as without.</summary>
    public const string Translated = "translated";

    /// <summary>The detailed engine.</summary>
    public const string Detailed = "detailed";

    /// <summary>Makes an engine for the machine's core.</summary>
    internal static ICoreEngine Make(string name, OracleMachine machine) => name == Detailed
        ? new DetailedCores(1, Frequency.FromMegahertz(2250)).Create(machine.Core, default(NoProbe))
        : new FunctionalEngine(machine.Core, FunctionalRate.One);

    /// <summary>Cases are dearer on the detailed engine: it gets this many times fewer.</summary>
    public static int Thinned(string name, int cases) => name == Detailed ? Math.Max(cases / 10, 4) : cases;
}
