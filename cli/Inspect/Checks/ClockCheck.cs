namespace CoSim.Cli.Inspect.Checks;

/// <summary>One comparison of what is declared with what is found.</summary>
/// <param name="Name">The clock and what is compared.</param>
/// <param name="Declared">What CPUID, an MSR, ACPI or a device's own description says, or what a specification demands.</param>
/// <param name="Found">What the other side says, or what was measured.</param>
/// <param name="Tolerance">How far they may differ; empty when they must be equal.</param>
/// <param name="Rule">Where it is written that they agree.</param>
/// <param name="Agrees">Whether they do.</param>
internal sealed record ClockCheck(string Name, string Declared, string Found, string Tolerance, string Rule, bool Agrees);
