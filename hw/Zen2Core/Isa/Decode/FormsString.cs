using Iced.Intel;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of string instructions.</summary>
internal static unsafe class FormsString
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        ushort move = MicroOpKinds.AddMicrocode("movs", &StringMicrocode.Move);
        ushort store = MicroOpKinds.AddMicrocode("stos", &StringMicrocode.Store);
        ushort load = MicroOpKinds.AddMicrocode("lods", &StringMicrocode.Load);
        ushort scan = MicroOpKinds.AddMicrocode("scas", &StringMicrocode.Scan);
        ushort compare = MicroOpKinds.AddMicrocode("cmps", &StringMicrocode.Compare);
        ushort input = MicroOpKinds.AddMicrocode("ins", &StringMicrocode.Input);
        ushort output = MicroOpKinds.AddMicrocode("outs", &StringMicrocode.Output);
        Add(move, 1, false, Code.Movsb_m8_m8);
        Add(move, 2, false, Code.Movsw_m16_m16);
        Add(move, 4, false, Code.Movsd_m32_m32);
        Add(move, 8, false, Code.Movsq_m64_m64);
        Add(store, 1, false, Code.Stosb_m8_AL);
        Add(store, 2, false, Code.Stosw_m16_AX);
        Add(store, 4, false, Code.Stosd_m32_EAX);
        Add(store, 8, false, Code.Stosq_m64_RAX);
        Add(load, 1, false, Code.Lodsb_AL_m8);
        Add(load, 2, false, Code.Lodsw_AX_m16);
        Add(load, 4, false, Code.Lodsd_EAX_m32);
        Add(load, 8, false, Code.Lodsq_RAX_m64);
        Add(scan, 1, true, Code.Scasb_AL_m8);
        Add(scan, 2, true, Code.Scasw_AX_m16);
        Add(scan, 4, true, Code.Scasd_EAX_m32);
        Add(scan, 8, true, Code.Scasq_RAX_m64);
        Add(compare, 1, true, Code.Cmpsb_m8_m8);
        Add(compare, 2, true, Code.Cmpsw_m16_m16);
        Add(compare, 4, true, Code.Cmpsd_m32_m32);
        Add(compare, 8, true, Code.Cmpsq_m64_m64);
        Add(input, 1, false, Code.Insb_m8_DX);
        Add(input, 2, false, Code.Insw_m16_DX);
        Add(input, 4, false, Code.Insd_m32_DX);
        Add(output, 1, false, Code.Outsb_DX_m8);
        Add(output, 2, false, Code.Outsw_DX_m16);
        Add(output, 4, false, Code.Outsd_DX_m32);
    }

    private static void Add(ushort kind, int bytes, bool compares, Code code) => FormTable.Add(code, c =>
    {
        MicroOp* op = MicrocodeEmit.Emit(c, kind);
        op->Width = (byte)bytes;
        op->AddressWidth = AddressBytes(c);
        op->Segment = SourceSegment(c);
        RepeatKind repeat = c.Instruction switch
        {
            { HasRepPrefix: true } => compares ? RepeatKind.WhileEqual : RepeatKind.Count,
            { HasRepnePrefix: true } => compares ? RepeatKind.WhileNotEqual : RepeatKind.Count,
            _ => RepeatKind.None,
        };
        op->Condition = (byte)repeat;
        if (compares)
            op->FlagsWritten = FlagMask.All;
    });

    private static byte AddressBytes(CrackContext c)
    {
        for (int n = 0; n < c.Instruction.OpCount; n++)
        {
            switch (c.Instruction.GetOpKind(n))
            {
                case OpKind.MemorySegRSI or OpKind.MemoryESRDI:
                    return 8;
                case OpKind.MemorySegESI or OpKind.MemoryESEDI:
                    return 4;
                case OpKind.MemorySegSI or OpKind.MemoryESDI:
                    return 2;
            }
        }

        return (byte)(c.CodeBits / 8);
    }

    private static SegmentIndex SourceSegment(CrackContext c)
    {
        for (int n = 0; n < c.Instruction.OpCount; n++)
        {
            if (c.Instruction.GetOpKind(n) is OpKind.MemorySegRSI or OpKind.MemorySegESI or OpKind.MemorySegSI)
                return RegisterMap.Segment(c.Instruction.MemorySegment);
        }

        return SegmentIndex.Ds;
    }
}
