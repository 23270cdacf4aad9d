using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// Encodings by opcode, prefix and ModRM byte, meaningful or not: what follows them is INT3, so that where a run ends tells the
/// length of the instruction too. Left out are those that would leave the process, wait, or take its thread pointer away.
/// </summary>
public static class OpcodeSweep
{
    /// <summary>The first ModRM byte that every opcode gets: those without one need no other.</summary>
    public const byte FirstModRm = 0x03;

    private static readonly byte[][] s_prefixes =
    [
        [], [0x66], [0xF2], [0xF3], [0xF0], [0x48], [0x66, 0x48], [0xF2, 0x48], [0xF3, 0x48], [0x66, 0xF2], [0x66, 0xF3], [0xF2, 0xF3], [0xF3, 0xF2],
        [0xF0, 0xF2], [0xF0, 0xF3], [0x67], [0x2E], [0x41], [0xF3, 0x41], [0x66, 0xF0], [0x48, 0x66],
    ];

    /// <summary>Legacy encodings of all maps.</summary>
    public static IEnumerable<byte[]> Legacy()
    {
        foreach (byte[] prefix in s_prefixes)
        {
            foreach (byte[] opcode in Opcodes())
            {
                foreach (byte[] operands in Operands(opcode))
                    yield return [.. prefix, .. opcode, .. operands];
            }
        }

        foreach (byte[] code in Long())
            yield return code;
    }

    /// <summary>VEX encodings: maps 1 to 3, every combination of pp, L and W, with and without a vvvv operand, and what they are not.</summary>
    public static IEnumerable<byte[]> Vex()
    {
        for (int map = 0; map < 6; map++)
        {
            for (int second = 0; second < 256; second++)
            {
                // W, vvvv 1111b or 1010b, L, pp.
                if ((second & 0x78) is not (0x78 or 0x28))
                    continue;
                for (int opcode = 0; opcode < 256; opcode++)
                {
                    foreach (byte[] operands in VexOperands(map, opcode))
                        yield return [0xC4, (byte)(0xE0 | map), (byte)second, (byte)opcode, .. operands];
                }
            }
        }

        foreach (byte prefix in new byte[] { 0x66, 0xF2, 0xF3, 0xF0, 0x48, 0x40, 0x67, 0x65 })
        {
            yield return [prefix, 0xC5, 0xF8, 0x58, 0xC1];
            yield return [prefix, 0xC4, 0xE1, 0x78, 0x58, 0x03];
        }
    }

    /// <summary>Whether the host may execute an encoding, and does so itself: not the kernel or the hypervisor below it.</summary>
    /// <param name="bytes">The encoding.</param>
    /// <param name="instruction">What it decodes to.</param>
    public static bool IsHarmless(ReadOnlySpan<byte> bytes, in Instruction instruction)
    {
        // VMCALL, VMMCALL and their kin under prefixes that the decoder does not take; LOCK with VERR and VERW, which hosts disagree on.
        if (bytes.IndexOf<byte>([0x0F, 0x01]) >= 0 && bytes[^1] is 0xC1 or 0xD9 || (bytes.IndexOf((byte)0xF0) >= 0 && bytes.IndexOf<byte>([0x0F, 0x00]) >= 0))
            return false;

        // Opmask instructions of AVX-512, which the decoder does not take with every vvvv; VPERMQ and VPERMPD, whose W no manual leaves open.
        if (instruction.Code == Code.INVALID && bytes[0] == 0xC4 && IsOpen(bytes[1] & 0x1F, bytes[3]))
            return false;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Syscall or Mnemonic.Sysenter or Mnemonic.Int1 or Mnemonic.Int3 or Mnemonic.Vmmcall or Mnemonic.Vmgexit or Mnemonic.Mwaitx
                or Mnemonic.Mwait or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss or Mnemonic.Wrfsbase or Mnemonic.Rdpmc or Mnemonic.Rdpru or Mnemonic.Xend or Mnemonic.Retf:
                return false;

            // Linux lets these fault and imitates them (UMIP).
            case Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw:
                return false;
            case Mnemonic.Mov or Mnemonic.Pop:
                return instruction.Op0Kind != OpKind.Register || !instruction.Op0Register.IsSegmentRegister();
            default:
                return true;
        }
    }

    private static bool IsOpen(int map, byte opcode) => map switch
    {
        1 => opcode is (>= 0x41 and <= 0x4B) or (>= 0x90 and <= 0x93) or 0x98 or 0x99,
        3 => opcode is (>= 0x30 and <= 0x33) or <= 0x01,
        _ => false,
    };

    private static IEnumerable<byte[]> Opcodes()
    {
        for (int opcode = 0; opcode < 256; opcode++)
        {
            byte b = (byte)opcode;
            bool prefix = b is 0x26 or 0x2E or 0x36 or 0x3E or (>= 0x64 and <= 0x67) or 0xF0 or 0xF2 or 0xF3 or (>= 0x40 and <= 0x4F) or 0x0F or 0xC4 or 0xC5 or 0x62;
            if (!prefix)
                yield return [b];
        }

        for (int opcode = 0; opcode < 256; opcode++)
        {
            byte b = (byte)opcode;
            if (b is not (0x38 or 0x3A))
                yield return [0x0F, b];
            yield return [0x0F, 0x38, b];
            yield return [0x0F, 0x3A, b];
        }
    }

    // Up to and beyond the 15 bytes that an instruction may have.
    private static IEnumerable<byte[]> Long()
    {
        foreach (byte prefix in new byte[] { 0x66, 0x2E, 0x67, 0xF2, 0xF3 })
        {
            for (int count = 11; count < 18; count++)
            {
                byte[] prefixes = new byte[count];
                Array.Fill(prefixes, prefix);
                yield return [.. prefixes, 0x90, FirstModRm];
                yield return [.. prefixes, 0x01, FirstModRm];
                yield return [.. prefixes, 0x0F, 0xFF, FirstModRm];
                yield return [.. prefixes, 0x81, 0x83, 1, 2, 3, 4, 5, 6, 7, FirstModRm];
            }
        }
    }

    // Memory at [RBX] and a register for each value of the reg field; groups that look at the whole byte get all of them.
    private static IEnumerable<byte[]> Operands(byte[] opcode)
    {
        bool whole = opcode is [>= 0xD8 and <= 0xDF] or [0x0F, 0x01 or 0xAE or 0xC7 or 0x00 or 0x1E or 0x18 or 0x0D or 0x1F or 0xBA];
        for (int reg = 0; reg < 8; reg++)
        {
            yield return [(byte)(0x03 | (reg << 3))];
            if (!whole)
                yield return [(byte)(0xC1 | (reg << 3))];
        }

        for (int modRm = 0xC0; whole && modRm < 0x100; modRm++)
            yield return [(byte)modRm];
    }

    private static IEnumerable<byte[]> VexOperands(int map, int opcode)
    {
        bool group = (map == 1 && opcode is 0x71 or 0x72 or 0x73 or 0xAE) || (map == 2 && opcode == 0xF3);
        for (int reg = 0; reg < (group ? 8 : 2); reg++)
        {
            yield return [(byte)(0x03 | (reg << 3))];
            yield return [(byte)(0xC1 | (reg << 3))];
        }

        if (map == 2)
            yield return [0x14, 0x0B];
    }
}
