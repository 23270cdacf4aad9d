using System.Runtime;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Entry of every exception and interrupt.</summary>
public static unsafe class Traps
{
    private const int DivideError = 0, Debug = 1, Nmi = 2, Breakpoint = 3, Overflow = 4, InvalidOpcode = 6, DoubleFault = 8, GeneralProtection = 13;
    private const int PageFault = 14, FloatingPoint = 16, AlignmentCheck = 17, SimdFloatingPoint = 19;

    /// <summary>Called by the entry stubs with interrupts off.</summary>
    [RuntimeExport("kernel_trap")]
    public static void Trap(TrapFrame* frame)
    {
        int vector = (int)(frame->Vector & 0xFF);
        if (vector >= Vectors.FirstExternal) Irq.Dispatch(frame, vector);
        else if (vector == PageFault) OnPageFault(frame);
        else OnException(frame, vector);
        if (frame->FromUser) ReturnToUser(frame);
    }

    /// <summary>Work to do before user mode runs on: reschedule, signals. Interrupts are off on entry and exit.</summary>
    public static void ReturnToUser(TrapFrame* frame)
    {
        for (; ; )
        {
            if (Cpu.Current->NeedResched != 0)
            {
                Machine.Sti();
                Scheduler.Schedule();
                Machine.Cli();
            }
            else if (Cpu.CurrentTask->PendingWork != 0)
            {
                Machine.Sti();
                if ((Cpu.CurrentTask->PendingWork & TaskWork.Rseq) != 0) Rseq.Resume(frame);
                if (SignalDelivery.Pending(Cpu.CurrentTask)) SignalDelivery.Deliver(frame);
                Machine.Cli();
            }
            else return;
        }
    }

    private static void OnPageFault(TrapFrame* frame)
    {
        ulong address = Machine.ReadCr2();
        ulong code = frame->ErrorCode;
        bool user = (code & 4) != 0, write = (code & 2) != 0, execute = (code & 16) != 0;
        AddressSpace* mm = Cpu.CurrentTask == null ? null : Cpu.CurrentTask->Mm;
        if (!user && (!InUserAccess(frame->Rip) || mm == null || address >= KernelMap.UserEnd))
        {
            if (InUserAccess(frame->Rip))
            {
                frame->Rip = Machine.UserAccessFixup;
                return;
            }
            Oops(frame, "page fault in the kernel"u8, address);
        }
        if (user && address >= KernelMap.UserEnd)
        {
            SignalDelivery.Fault(frame, Signal.SEGV, SignalCode.SegvMapErr, address, PageFault);
            return;
        }
        Cpu.CurrentTask->MinorFaults++;
        FaultResult r = AddressSpace.HandleFault(mm, address, write, execute);
        if (r == FaultResult.Ok) return;
        if (!user)
        {
            frame->Rip = Machine.UserAccessFixup;
            return;
        }
        if (r == FaultResult.OutOfMemory)
        {
            Log.Print("Out of memory: killed process %d (%s)"u8, (ulong)Cpu.CurrentTask->Group->Id, (ulong)Text.Address(ref Cpu.CurrentTask->Comm));
            SignalDelivery.Fault(frame, Signal.KILL, 0, address, PageFault);
        }
        else if (r == FaultResult.BusError) SignalDelivery.Fault(frame, Signal.BUS, SignalCode.BusAdrErr, address, PageFault);
        else SignalDelivery.Fault(frame, Signal.SEGV, r == FaultResult.NoMapping ? SignalCode.SegvMapErr : SignalCode.SegvAccErr, address, PageFault);
    }

    private static bool InUserAccess(ulong rip) => Machine.IsUserAccess(rip);

    private static void OnException(TrapFrame* frame, int vector)
    {
        if (vector == Nmi)
        {
            Irq.Note(Nmi, Cpu.Id);
            Time.MarkNmi();
            Log.Print("Uhhuh. NMI received for unknown reason on CPU %u."u8, (ulong)Cpu.Id);
            return;
        }
        if (vector == Debug && !frame->FromUser) return;
        if (!frame->FromUser || vector == DoubleFault)
        {
            if (vector == GeneralProtection && InUserAccess(frame->Rip)) // a non-canonical user address
            {
                frame->Rip = Machine.UserAccessFixup;
                return;
            }
            Oops(frame, "exception in the kernel"u8, (ulong)vector);
        }
        switch (vector)
        {
            case DivideError: SignalDelivery.Fault(frame, Signal.FPE, SignalCode.FpeIntDiv, frame->Rip, vector); break;
            case Debug: SignalDelivery.Fault(frame, Signal.TRAP, SignalCode.TrapTrace, frame->Rip, vector); break;
            case Breakpoint: SignalDelivery.Fault(frame, Signal.TRAP, SignalCode.Kernel, 0, vector); break;
            case InvalidOpcode: SignalDelivery.Fault(frame, Signal.ILL, SignalCode.IllOpn, frame->Rip, vector); break;
            case FloatingPoint or SimdFloatingPoint: SignalDelivery.Fault(frame, Signal.FPE, SignalCode.FpeFltInv, frame->Rip, vector); break;
            case AlignmentCheck: SignalDelivery.Fault(frame, Signal.BUS, SignalCode.BusAdrAln, 0, vector); break;
            default: SignalDelivery.Fault(frame, Signal.SEGV, SignalCode.Kernel, 0, vector); break;
        }
    }

    private static void Oops(TrapFrame* f, System.ReadOnlySpan<byte> what, ulong detail)
    {
        Machine.Cli();
        Log.ConsoleEnabled = true;
        Log.Print("BUG: %s, detail %llx, vector %llu, error code %llx, CPU %u"u8, (ulong)Text.Literal(what), detail, f->Vector & 0xFF, f->ErrorCode, (ulong)Cpu.Id);
        Log.Print("RIP: %04llx:%016llx RSP: %016llx EFLAGS: %08llx CR3: %llx"u8, f->Cs, f->Rip, f->Rsp, f->Flags, Machine.ReadCr3());
        Log.Print("RAX: %016llx RBX: %016llx RCX: %016llx RDX: %016llx"u8, f->Rax, f->Rbx, f->Rcx, f->Rdx);
        Log.Print("RSI: %016llx RDI: %016llx RBP: %016llx R08: %016llx"u8, f->Rsi, f->Rdi, f->Rbp, f->R8);
        Log.Print("R09: %016llx R10: %016llx R11: %016llx R12: %016llx"u8, f->R9, f->R10, f->R11, f->R12);
        if (!f->FromUser && (f->Rsp & 7) == 0 && f->Rsp > KernelMap.DirectMapBase) Backtrace((ulong*)f->Rsp);
        Log.Panic("Fatal exception"u8);
    }

    /// <summary>Lists what looks like return addresses on the stack.</summary>
    private static void Backtrace(ulong* sp)
    {
        for (int i = 0, shown = 0; i < 256 && shown < 16 && ((ulong)(sp + i) & 0x3FFF) != 0; i++)
        {
            if (sp[i] < Image.TextStart || sp[i] >= Image.TextEnd) continue;
            Log.Print(" %016llx"u8, sp[i]);
            shown++;
        }
    }
}
