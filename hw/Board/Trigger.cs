using System.Globalization;

namespace CoSim.Hw.Board;

/// <summary>
/// A place in a run that both engines stop at exactly, between two instructions: a number of instructions retired by all cores
/// together since the machine left reset, or a linear address on any core, before the instruction there.
/// </summary>
public readonly record struct RunPlace
{
    private RunPlace(bool isAddress, ulong value)
    {
        IsAddress = isAddress;
        Value = value;
    }

    /// <summary>Whether <see cref="Value"/> is an address; it is a number of instructions otherwise.</summary>
    public bool IsAddress { get; }

    /// <summary>The linear address, or the number of instructions.</summary>
    public ulong Value { get; }

    /// <summary>When all cores together have retired so many instructions.</summary>
    public static RunPlace AtInstruction(ulong count) => new(false, count);

    /// <summary>Before the instruction at a linear address, on whichever core comes there first.</summary>
    public static RunPlace AtAddress(ulong linear) => new(true, linear);

    /// <summary>For messages: <c>instruction 12</c>, <c>address 1000h</c>.</summary>
    public override string ToString() => IsAddress
        ? string.Create(CultureInfo.InvariantCulture, $"address {Value:X}h")
        : string.Create(CultureInfo.InvariantCulture, $"instruction {Value}");
}

/// <summary>What happens, once, at a place.</summary>
/// <param name="Place">Where.</param>
/// <param name="SwitchTo">The engine that takes over on every core; null to stop the run.</param>
public sealed record Trigger(RunPlace Place, EngineKind? SwitchTo);
