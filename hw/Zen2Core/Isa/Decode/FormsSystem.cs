using Iced.Intel;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of system instructions without explicit operands: all run as microcode.</summary>
internal static unsafe class FormsSystem
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        Ending(Mnemonic.Hlt, "hlt", &WaitMicrocode.Halt);
        Ending(Mnemonic.Mwait, "mwait", &WaitMicrocode.Wait);
        Ending(Mnemonic.Mwaitx, "mwaitx", &WaitMicrocode.WaitX);
        Ending(Mnemonic.Sti, "sti", &FlagAccess.SetInterrupt);
        Ending(Mnemonic.Syscall, "syscall", &SystemCallMicrocode.Call);
        Ending(Mnemonic.Sysenter, "sysenter", &SystemCallMicrocode.Enter);
        Ending(Mnemonic.Sysexit, "sysexit", &SystemCallMicrocode.Exit);
        Ending(Mnemonic.Swapgs, "swapgs", &SystemCallMicrocode.SwapGs);
        Ending(Mnemonic.Rsm, "rsm", &SystemManagement.Resume);
        Ending(Mnemonic.Rdmsr, "rdmsr", &MsrAccess.Read);
        Ending(Mnemonic.Wrmsr, "wrmsr", &MsrAccess.Write);
        Ending(Mnemonic.Cpuid, "cpuid", &MiscMicrocode.Cpuid);
        Ending(Mnemonic.Clts, "clts", &ControlRegisterMicrocode.ClearTaskSwitched);
        Ending(Mnemonic.Invd, "invd", &MiscMicrocode.InvalidateCaches);
        Ending(Mnemonic.Wbinvd, "wbinvd", &MiscMicrocode.InvalidateCaches);
        Ending(Mnemonic.Wbnoinvd, "wbnoinvd", &MiscMicrocode.InvalidateCaches);
        Ending(Mnemonic.Xsetbv, "xsetbv", &MiscMicrocode.WriteExtendedControl);
        Ending(Mnemonic.Into, "into", &TransferMicrocode.InterruptOnOverflow);
        Ending(Mnemonic.Int1, "int1", &TransferMicrocode.DebugTrap);
        Inline(Mnemonic.Xgetbv, "xgetbv", &MiscMicrocode.ReadExtendedControl);
        Inline(Mnemonic.Mcommit, "mcommit", &MiscMicrocode.CommitStores);
        Inline(Mnemonic.Cli, "cli", &FlagAccess.ClearInterrupt);
        Inline(Mnemonic.Cld, "cld", &FlagAccess.ClearDirection);
        Inline(Mnemonic.Std, "std", &FlagAccess.SetDirection);
        Inline(Mnemonic.Clac, "clac", &FlagAccess.ClearAlignment);
        Inline(Mnemonic.Stac, "stac", &FlagAccess.SetAlignment);
        Monitor(Mnemonic.Monitor, "monitor", &WaitMicrocode.Monitor);
        Monitor(Mnemonic.Monitorx, "monitorx", &WaitMicrocode.MonitorX);
        Monitor(Mnemonic.Clzero, "clzero", &MiscMicrocode.ClearLine);
        FormTable.Add(Mnemonic.Ud0, FormTable.Undefined);
        FormTable.Add(Mnemonic.Ud1, FormTable.Undefined);
        FormTable.Add(Mnemonic.Ud2, FormTable.Undefined);

        Sized("sysret", &SystemCallMicrocode.Return, (Code.Sysretd, 4), (Code.Sysretq, 8));
        Sized("iret", &InterruptReturn.Execute, (Code.Iretw, 2), (Code.Iretd, 4), (Code.Iretq, 8));
        Sized("pushf", &FlagAccess.Push, (Code.Pushfw, 2), (Code.Pushfd, 4), (Code.Pushfq, 8));
        Sized("popf", &FlagAccess.Pop, (Code.Popfw, 2), (Code.Popfd, 4), (Code.Popfq, 8));
        Sized("pusha", &TransferMicrocode.PushAll, (Code.Pushaw, 2), (Code.Pushad, 4));
        Sized("popa", &TransferMicrocode.PopAll, (Code.Popaw, 2), (Code.Popad, 4));
        Sized(
            "retf",
            &TransferMicrocode.FarReturn,
            (Code.Retfw, 2), (Code.Retfd, 4), (Code.Retfq, 8), (Code.Retfw_imm16, 2), (Code.Retfd_imm16, 4), (Code.Retfq_imm16, 8));
        Sized("enter", &TransferMicrocode.Enter, (Code.Enterw_imm16_imm8, 2), (Code.Enterd_imm16_imm8, 4), (Code.Enterq_imm16_imm8, 8));
        ushort interrupt = MicroOpKinds.AddMicrocode("int", &TransferMicrocode.Interrupt);
        FormTable.Add(Mnemonic.Int, c => MicrocodeEmit.Emit(c, interrupt)->Imm = c.Immediate(0));
        FormTable.Add(Mnemonic.Int3, c => MicrocodeEmit.Emit(c, interrupt)->Imm = ExceptionVector.Breakpoint);
        RegisterPorts();
    }

    private static void RegisterPorts()
    {
        ushort input = MicroOpKinds.AddMicrocode("in", &PortMicrocode.Input), output = MicroOpKinds.AddMicrocode("out", &PortMicrocode.Output);
        FormTable.Add(Mnemonic.In, c => Port(c, input, 0, 1));
        FormTable.Add(Mnemonic.Out, c => Port(c, output, 1, 0));
    }

    private static void Port(CrackContext c, ushort kind, int dataOperand, int portOperand)
    {
        MicroOp* op = MicrocodeEmit.Emit(c, kind);
        op->Width = (byte)c.OperandBytes(dataOperand);
        if (c.IsImmediate(portOperand))
        {
            op->Imm = c.Immediate(portOperand);
            op->Marks |= MicroOpMarks.BIsImmediate;
        }
    }

    private static void Ending(Mnemonic mnemonic, string name, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> microcode)
    {
        ushort kind = MicroOpKinds.AddMicrocode(name, microcode);
        FormTable.Add(mnemonic, c => MicrocodeEmit.Emit(c, kind));
    }

    private static void Inline(Mnemonic mnemonic, string name, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> microcode)
    {
        ushort kind = MicroOpKinds.AddMicrocode(name, microcode);
        FormTable.Add(mnemonic, c => MicrocodeEmit.EmitInline(c, kind));
    }

    /// <summary>Forms whose address is RAX, EAX or AX with a segment.</summary>
    private static void Monitor(Mnemonic mnemonic, string name, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> microcode)
    {
        ushort kind = MicroOpKinds.AddMicrocode(name, microcode);
        FormTable.Add(mnemonic, c =>
        {
            MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
            string form = c.Instruction.Code.ToString();
            op->AddressWidth = (byte)(form[^1] switch { 'q' => 8, 'd' => 4, _ => 2 });
            op->Segment = c.Instruction.SegmentPrefix == Iced.Intel.Register.None
                ? SegmentIndex.Ds
                : RegisterMap.Segment(c.Instruction.SegmentPrefix);
        });
    }

    private static void Sized(
        string name, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> microcode, params (Code Code, int Bytes)[] forms)
    {
        ushort kind = MicroOpKinds.AddMicrocode(name, microcode);
        foreach ((Code code, int bytes) in forms)
        {
            FormTable.Add(code, c =>
            {
                MicroOp* op = MicrocodeEmit.Emit(c, kind);
                op->Width = (byte)bytes;
                if (c.Instruction.OpCount > 0)
                    op->Imm = c.Immediate(0);
                if (c.Instruction.OpCount > 1)
                    op->Imm |= c.Immediate(1) << 16;
            });
        }
    }
}
