using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Says how an engine's result differs from the manual's.</summary>
internal static class ManualComparer
{
    private const ulong ResumeFlag = 0x1_0000;

    /// <summary>Null when they agree.</summary>
    /// <param name="expected">The manual's state after, or at the exception.</param>
    /// <param name="exception">The manual's exception.</param>
    /// <param name="open">Registers whose value the manual leaves open.</param>
    /// <param name="actual">The engine's state.</param>
    /// <param name="frame">The engine's exception, the INT3 that ends a program included.</param>
    public static string? Compare(ManualState expected, ManualException? exception, HashSet<int> open, ManualState actual, ExceptionFrame? frame)
    {
        List<string> differences = [];
        uint? vector = exception?.Vector;
        if (exception is null && frame is { Vector: 3 })
            frame = frame.Value with { Rip = frame.Value.Rip - 1, Vector = uint.MaxValue };
        else if (frame?.Vector != vector)
            return $"exception: manual {vector?.ToString() ?? "none"} ({exception?.Code:X}), engine {frame?.Vector.ToString() ?? "none"} ({frame?.ErrorCode:X}) at {frame?.Rip:X}, cr2 {actual.Cr2:X}";
        if (frame is ExceptionFrame f)
        {
            Check(differences, "error code", exception?.Code ?? 0, f.ErrorCode);
            Check(differences, "rip", expected.Rip, f.Rip);
            Check(differences, "cs", expected.Segments[(int)SegmentIndex.Cs].Selector, f.Cs);
            Check(differences, "ss", expected.Segments[(int)SegmentIndex.Ss].Selector, f.Ss);
            Check(differences, "rflags", expected.Rflags & ~ResumeFlag, f.Rflags & ~ResumeFlag);
        }
        else
        {
            Check(differences, "rip", expected.Rip, actual.Rip - 1);
            Check(differences, "rflags", expected.Rflags & ~ResumeFlag, actual.Rflags & ~ResumeFlag);
            Check(differences, "level", (ulong)expected.Cpl, (ulong)actual.Cpl);
        }

        for (int n = 0; n < 16; n++)
        {
            if (!open.Contains(n))
                Check(differences, $"register {n}", expected.Gpr[n], actual.Gpr[n]);
            else if (actual.Gpr[n] >> 32 != 0 && open.Count > 1)
                differences.Add($"register {n}: upper half {actual.Gpr[n]:X}");
        }

        CheckSegments(differences, expected, actual, frame is not null);
        for (int n = 0; n < 8; n++)
            Check(differences, $"dr{n}", n is 4 or 5 ? 0 : expected.Dr[n], n is 4 or 5 ? 0 : actual.Dr[n]);
        foreach ((uint number, ulong value) in expected.Msr)
            Check(differences, $"msr {number:X}", value, actual.Msr[number]);
        Check(differences, "gdtr", expected.Gdtr.Base ^ expected.Gdtr.Limit, actual.Gdtr.Base ^ actual.Gdtr.Limit);
        Check(differences, "idtr", expected.Idtr.Base ^ expected.Idtr.Limit, actual.Idtr.Base ^ actual.Idtr.Limit);
        Check(differences, "cr0", expected.Cr0, actual.Cr0);
        Check(differences, "cr2", exception?.Address ?? expected.Cr2, actual.Cr2);
        Check(differences, "cr3", expected.Cr3, actual.Cr3);
        Check(differences, "cr4", expected.Cr4, actual.Cr4);
        Check(differences, "xcr0", expected.Xcr0, actual.Xcr0);
        Check(differences, "efer", expected.Efer, actual.Efer);
        return differences.Count == 0 ? null : string.Join("; ", differences);
    }

    // An exception replaces CS and SS.
    private static void CheckSegments(List<string> differences, ManualState expected, ManualState actual, bool inHandler)
    {
        for (int n = 0; n < 8; n++)
        {
            SegmentIndex index = (SegmentIndex)n;
            if (inHandler && index is SegmentIndex.Cs or SegmentIndex.Ss)
                continue;
            SegmentRegister e = expected.Segments[n], a = actual.Segments[n];
            Check(differences, $"{index}", e.Selector, a.Selector);

            // What is left of a register that holds nothing is nobody's business, but for the bases that 64-bit code uses.
            bool usable = (e.Attributes & SegmentRegister.Present) != 0;
            if (usable || index is SegmentIndex.Fs or SegmentIndex.Gs)
                Check(differences, $"{index} base", e.Base, a.Base);
            if (usable)
            {
                Check(differences, $"{index} limit", e.Limit, a.Limit);
                Check(differences, $"{index} attributes", e.Attributes, a.Attributes);
            }
            else if ((a.Attributes & SegmentRegister.Present) != 0 && index != SegmentIndex.Ss)
            {
                differences.Add($"{index}: usable");
            }
        }
    }

    private static void Check(List<string> differences, string what, ulong expected, ulong actual)
    {
        if (expected != actual)
            differences.Add($"{what}: manual {expected:X}, engine {actual:X}");
    }
}
