using System.Text;
using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Compares two outcomes of the same case and says where they differ.</summary>
public static unsafe class OracleComparer
{
    // CF PF AF ZF SF DF OF.
    private const ulong ComparedFlags = 0xCD5;

    private static readonly string[] s_gprNames =
        ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    /// <summary>Compares registers and memory.</summary>
    /// <param name="instruction">The instruction that ran.</param>
    /// <param name="input">Registers before.</param>
    /// <param name="expected">The host's outcome.</param>
    /// <param name="expectedMemory">The host's scratch memory after.</param>
    /// <param name="actual">The simulator's outcome.</param>
    /// <param name="actualMemory">The simulator's scratch memory after.</param>
    /// <returns>Null when equal, else one line per difference.</returns>
    public static string? Compare(
        in Instruction instruction,
        in MachineImage input,
        in MachineImage expected,
        ReadOnlySpan<byte> expectedMemory,
        in MachineImage actual,
        ReadOnlySpan<byte> actualMemory)
    {
        // By chance an operand lay in a page of the oracle's own, which the simulated machine does not have.
        if (actual.FaultVector == 14 && expected.FaultVector != 14 && IsOfOracle(actual.FaultAddress))
            return null;
        bool both = expected.FaultVector >= 0 && actual.FaultVector >= 0;
        bool same = expected.FaultVector == actual.FaultVector && (!both || SameFault(expected, actual));
        if (!same && both && FaultOrder.IsOpen(instruction, expected, actual))
            return null;
        if (!same)
            return $"exception: host {Fault(expected)} at {expected.FaultRip:X}, simulator {Fault(actual)} at {actual.FaultRip:X}";

        StringBuilder? differences = null;
        if (expected.FaultRip != actual.FaultRip)
            Add(ref differences, "rip", $"{OracleLayout.Code:X}", $"{expected.FaultRip:X}", $"{actual.FaultRip:X}");
        if (expected.GsBase != actual.GsBase)
            Add(ref differences, "gs base", $"{input.GsBase:X}", $"{expected.GsBase:X}", $"{actual.GsBase:X}");
        for (int i = 0; i < 16; i++)
        {
            if (expected.Gpr[i] != actual.Gpr[i])
                Add(ref differences, s_gprNames[i], $"{input.Gpr[i]:X16}", $"{expected.Gpr[i]:X16}", $"{actual.Gpr[i]:X16}");
        }

        ulong compared = ComparedFlags;
        if (expected.FaultVector < 0)
            compared &= ~UndefinedResults.Flags(instruction, input);
        if (((expected.Rflags ^ actual.Rflags) & compared) != 0)
            Add(ref differences, "rflags", $"{input.Rflags:X}", $"{expected.Rflags & compared:X}", $"{actual.Rflags & compared:X}");
        CompareVectors(input, expected, actual, ref differences);
        CompareX87(instruction.Mnemonic, input, expected, actual, ref differences);
        int length = expectedMemory.CommonPrefixLength(actualMemory);
        if (length != expectedMemory.Length)
        {
            int shown = Math.Min(16, expectedMemory.Length - length);
            Add(ref differences, $"memory+{length:X}", string.Empty, Convert.ToHexString(expectedMemory.Slice(length, shown)), Convert.ToHexString(actualMemory.Slice(length, shown)));
        }

        return differences?.ToString();
    }

    private static void CompareVectors(in MachineImage input, in MachineImage expected, in MachineImage actual, ref StringBuilder? differences)
    {
        fixed (byte* before = input.Ymm, want = expected.Ymm, got = actual.Ymm)
        {
            if (new Span<byte>(want, 512).SequenceEqual(new Span<byte>(got, 512)))
                return;
            for (int i = 0; i < 16; i++)
            {
                Span<byte> w = new(want + (i * 32), 32);
                Span<byte> g = new(got + (i * 32), 32);
                if (!w.SequenceEqual(g))
                    Add(ref differences, $"ymm{i}", Hex(new Span<byte>(before + (i * 32), 32)), Hex(w), Hex(g));
            }
        }
    }

    private static void CompareX87(Mnemonic mnemonic, in MachineImage input, in MachineImage expected, in MachineImage actual, ref StringBuilder? differences)
    {
        if (expected.Mxcsr != actual.Mxcsr)
            Add(ref differences, "mxcsr", $"{input.Mxcsr:X}", $"{expected.Mxcsr:X}", $"{actual.Mxcsr:X}");
        if (expected.ControlWord != actual.ControlWord)
            Add(ref differences, "fcw", $"{input.ControlWord:X}", $"{expected.ControlWord:X}", $"{actual.ControlWord:X}");
        bool tolerant = X87Tolerance.Applies(mnemonic);
        ushort statusMask = tolerant ? X87Tolerance.StatusMask : ushort.MaxValue;
        if (((expected.StatusWord ^ actual.StatusWord) & statusMask) != 0)
            Add(ref differences, "fsw", $"{input.StatusWord:X}", $"{expected.StatusWord:X}", $"{actual.StatusWord:X}");
        if (expected.Tags != actual.Tags)
            Add(ref differences, "ftw", $"{input.Tags:X}", $"{expected.Tags:X}", $"{actual.Tags:X}");
        ComparePointers(CaseFactory.IsStateImage(mnemonic), input, expected, actual, ref differences);
        for (int i = 0; i < 8; i++)
        {
            int at = 32 + (i * 16);
            if (tolerant && X87Tolerance.Close(mnemonic, input, expected, actual, at))
                continue;
            if (expected.ReadFx<ulong>(at) != actual.ReadFx<ulong>(at) || expected.ReadFx<ushort>(at + 8) != actual.ReadFx<ushort>(at + 8))
                Add(ref differences, $"st{i}", Extended(input, at), Extended(expected, at), Extended(actual, at));
        }
    }

    // Pointers that come from memory keep as many bits as linear addresses have, which may be more than 48 on the host.
    private static void ComparePointers(bool fromMemory, in MachineImage input, in MachineImage expected, in MachineImage actual, ref StringBuilder? differences)
    {
        ulong compared = fromMemory ? 0x7FFF_FFFF_FFFF : ulong.MaxValue;
        if (expected.ReadFx<ushort>(6) != actual.ReadFx<ushort>(6))
            Add(ref differences, "fop", $"{input.ReadFx<ushort>(6):X}", $"{expected.ReadFx<ushort>(6):X}", $"{actual.ReadFx<ushort>(6):X}");
        if (((expected.ReadFx<ulong>(8) ^ actual.ReadFx<ulong>(8)) & compared) != 0)
            Add(ref differences, "fip", $"{input.ReadFx<ulong>(8):X}", $"{expected.ReadFx<ulong>(8):X}", $"{actual.ReadFx<ulong>(8):X}");
        if (((expected.ReadFx<ulong>(16) ^ actual.ReadFx<ulong>(16)) & compared) != 0)
            Add(ref differences, "fdp", $"{input.ReadFx<ulong>(16):X}", $"{expected.ReadFx<ulong>(16):X}", $"{actual.ReadFx<ulong>(16):X}");
    }

    private static string Extended(in MachineImage image, int at) => $"{image.ReadFx<ushort>(at + 8):X4}_{image.ReadFx<ulong>(at):X16}";

    // What the host's kernel has mapped for itself, in the upper half of the address space and at the very end of the lower one, and
    // the oracle's own pages below the code, give protection violations where the simulated machine has nothing.
    private static bool SameFault(in MachineImage expected, in MachineImage actual)
    {
        const ulong present = 1, endOfUserSpace = 0x7FFF_FFFF_F000;
        if (expected.FaultVector != 14)
            return true;
        bool onlyOnHost = expected.FaultAddress >= endOfUserSpace || IsOfOracle(expected.FaultAddress);
        ulong compared = onlyOnHost ? ~present : ulong.MaxValue;
        return ((expected.FaultCode ^ actual.FaultCode) & compared) == 0 && expected.FaultAddress == actual.FaultAddress;
    }

    private static bool IsOfOracle(ulong address) => address is >= OracleLayout.InputImage and < OracleLayout.Code;

    private static string Fault(in MachineImage image) => image.FaultVector switch
    {
        -1 => "none",
        14 => $"#PF code {image.FaultCode:X} at {image.FaultAddress:X}",
        long vector => $"vector {vector}",
    };

    private static string Hex(Span<byte> value)
    {
        value = value.ToArray();
        value.Reverse();
        return Convert.ToHexString(value);
    }

    private static void Add(ref StringBuilder? differences, string name, string before, string expected, string actual)
    {
        differences ??= new StringBuilder();
        differences.Append(name).Append(": before ").Append(before).Append(", host ").Append(expected).Append(", simulator ").AppendLine(actual);
    }
}
