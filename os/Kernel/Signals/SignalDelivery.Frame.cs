using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// Delivering signals on the way to user mode: default actions, and the rt_sigframe of the x86-64 ABI
/// (return address, struct ucontext with struct sigcontext, siginfo; the FXSAVE image above).
/// </summary>
public static unsafe partial class SignalDelivery
{
    private const ulong FrameBytes = 8 + 304 + 128; // pretcode, ucontext, siginfo
    private const ulong UcontextAt = 8, SigcontextAt = 8 + 40, MaskAt = 8 + 296, InfoAt = 8 + 304;
    private const int SsOnStack = 1, SsDisable = 2;
    private const ulong UserFlags = 0x0004_0DD5; // AC OF DF TF SF ZF AF PF CF: what sigreturn may set

    /// <summary>Handles everything that waits for the running task. Interrupts are on.</summary>
    public static void Deliver(TrapFrame* frame)
    {
        Task* t = Cpu.CurrentTask;
        for (; ; )
        {
            SigInfo info;
            ulong flags = TaskList.Lock.AcquireIrqSave();
            if (t->Group->Exiting || t->Killed)
            {
                int code = t->Group->Exiting ? t->Group->ExitCode : 0;
                TaskList.Lock.ReleaseIrqRestore(flags);
                ProcessExit.ExitThread(code);
            }
            bool passes = false;
            if (t->Group->Frozen)
            {
                passes = !Freezer.MayHold(frame);
                if (!passes)
                {
                    Freezer.HoldLocked(t, frame, flags);
                    continue;
                }
            }
            if (t->Group->StopSignal != 0)
            {
                StopLocked(t, flags);
                continue;
            }
            int signal = Dequeue(t, ~t->SignalMask, &info);
            Recalculate(t);
            if (passes) Atomic.And32(&t->PendingWork, ~TaskWork.Signal); // the freezer asks again, when it may be held
            SignalAction action = default;
            if (signal != 0)
            {
                SignalAction* a = SignalHandlers.Of(t->Handlers, signal);
                action = *a;
                if (action.Handler > SignalAction.Ignore && (action.Flags & SignalAction.SaResetHand) != 0) a->Handler = SignalAction.Default;
            }
            TaskList.Lock.ReleaseIrqRestore(flags);
            if (signal != 0) Time.SignalTaken(&info);
            if (signal == 0)
            {
                RestartWithoutHandler(frame);
                if (t->RestoreMask)
                {
                    t->RestoreMask = false;
                    SetMask(t->SavedMask);
                }
                return;
            }
            if (action.Handler == SignalAction.Ignore) continue;
            if (action.Handler == SignalAction.Default)
            {
                DefaultAction(t, signal);
                continue;
            }
            RestartWithHandler(frame, action.Flags);
            if (t->RseqArea != 0) Rseq.Resume(frame);
            if (!PushFrame(frame, signal, &action, &info))
            {
                Log.Print("%s[%d]: no room for a signal frame"u8, (ulong)Text.Address(ref t->Comm), (ulong)t->Pid);
                ProcessExit.ExitGroup(Signal.SEGV | 0x80);
            }
            return;
        }
    }

    private static void DefaultAction(Task* t, int signal)
    {
        ulong bit = Signal.Bit(signal);
        if ((bit & Signal.IgnoreSet) != 0 || t->Group == TaskList.Init && signal != Signal.KILL && (bit & Signal.SynchronousSet) == 0) return;
        if ((bit & Signal.StopSet) != 0)
        {
            ulong flags = TaskList.Lock.AcquireIrqSave();
            t->Group->StopSignal = signal;
            t->Group->StopUnreported = true;
            Task* other = t->NextInGroup;
            for (; other != t; other = other->NextInGroup) Kick(other, false);
            ProcessExit.NotifyParentLocked(t->Group, SignalCode.ChildStopped, signal);
            TaskList.Lock.ReleaseIrqRestore(flags);
            return;
        }
        ProcessExit.ExitGroup(signal | ((bit & Signal.CoreSet) != 0 ? 0x80 : 0));
    }

    private static void StopLocked(Task* t, ulong flags)
    {
        t->State = TaskState.Stopped;
        TaskList.Lock.ReleaseIrqRestore(flags);
        Scheduler.Schedule();
        flags = TaskList.Lock.AcquireIrqSave();
        Recalculate(t);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    private static bool IsInterruptedCall(TrapFrame* frame, out int error)
    {
        error = (int)-(long)frame->Rax;
        return frame->Vector == TrapFrame.SystemCallVector && (error is Errno.ERESTARTSYS or Errno.ERESTARTNOINTR or Errno.ERESTARTNOHAND or Errno.ERESTART_RESTARTBLOCK);
    }

    /// <summary>Without a handler every interrupted call continues: SYSCALL is two bytes long.</summary>
    private static void RestartWithoutHandler(TrapFrame* frame)
    {
        if (!IsInterruptedCall(frame, out int error)) return;
        frame->Rax = error == Errno.ERESTART_RESTARTBLOCK ? (ulong)Nr.RestartSyscall : frame->ErrorCode;
        frame->Rip -= 2;
        frame->Vector = 0;
    }

    private static void RestartWithHandler(TrapFrame* frame, ulong actionFlags)
    {
        if (!IsInterruptedCall(frame, out int error)) return;
        bool again = error == Errno.ERESTARTNOINTR || error == Errno.ERESTARTSYS && (actionFlags & SignalAction.SaRestart) != 0;
        if (again)
        {
            frame->Rax = frame->ErrorCode;
            frame->Rip -= 2;
        }
        else frame->Rax = unchecked((ulong)-Errno.EINTR);
        frame->Vector = 0;
    }

    private static bool PushFrame(TrapFrame* f, int signal, SignalAction* action, SigInfo* info)
    {
        Task* t = Cpu.CurrentTask;
        bool onAlt = t->AltStackSize != 0 && f->Rsp - t->AltStack < t->AltStackSize;
        ulong sp = f->Rsp - 128; // below the red zone
        if ((action->Flags & SignalAction.SaOnStack) != 0 && t->AltStackSize != 0 && !onAlt) sp = t->AltStack + t->AltStackSize;
        ulong vectors = (sp - 512) & ~63UL;
        ulong at = ((vectors - FrameBytes) & ~15UL) - 8;

        byte* image = stackalloc byte[(int)FrameBytes];
        Text.Fill(image, 0, FrameBytes);
        *(ulong*)image = action->Restorer;
        ulong* uc = (ulong*)(image + UcontextAt);
        uc[0] = 6;                                  // uc_flags: UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS
        uc[2] = t->AltStack;
        ((int*)uc)[6] = t->AltStackSize == 0 ? SsDisable : onAlt ? SsOnStack : 0;
        uc[4] = t->AltStackSize;
        ulong* r = (ulong*)(image + SigcontextAt);
        r[0] = f->R8; r[1] = f->R9; r[2] = f->R10; r[3] = f->R11; r[4] = f->R12; r[5] = f->R13; r[6] = f->R14; r[7] = f->R15;
        r[8] = f->Rdi; r[9] = f->Rsi; r[10] = f->Rbp; r[11] = f->Rbx; r[12] = f->Rdx; r[13] = f->Rax; r[14] = f->Rcx; r[15] = f->Rsp;
        r[16] = f->Rip;
        r[17] = f->Flags;
        r[18] = Selector.UserCode | (ulong)Selector.UserData << 48;
        r[19] = t->LastTrapError;
        r[20] = t->LastTrap;
        r[21] = t->SignalMask;
        r[22] = t->LastTrapAddress;
        r[23] = vectors;
        *(ulong*)(image + MaskAt) = t->RestoreMask ? t->SavedMask : t->SignalMask;
        t->RestoreMask = false;
        Text.Copy(image + InfoAt, info, 128);

        VectorRegisters.Capture(f, t);
        if (UserMemory.CopyTo(at, image, FrameBytes) != 0 || UserMemory.CopyTo(vectors, Text.Address(ref t->Vectors), 512) != 0) return false;

        ulong mask = t->SignalMask | action->Mask;
        if ((action->Flags & SignalAction.SaNoDefer) == 0) mask |= Signal.Bit(signal);
        SetMask(mask);
        f->Rdi = (ulong)signal;
        f->Rsi = at + InfoAt;
        f->Rdx = at + UcontextAt;
        f->Rax = 0;
        f->Rip = action->Handler;
        f->Rsp = at;
        f->Flags &= ~0x500UL; // DF, TF
        return true;
    }

    /// <summary>rt_sigreturn: restores what <see cref="PushFrame"/> saved. A bad frame kills the process by SIGSEGV.</summary>
    public static long Return(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        byte* image = stackalloc byte[(int)FrameBytes];
        ulong at = f->Rsp - 8; // the handler's RET consumed the return address
        ulong* r = (ulong*)(image + SigcontextAt);
        if (UserMemory.CopyFrom(image, at, FrameBytes) != 0 || r[16] >= KernelMap.UserEnd) return BadFrame(f);
        if (r[23] != 0)
        {
            if (UserMemory.CopyFrom(Text.Address(ref t->Vectors), r[23], 512) != 0) return BadFrame(f);
            VectorRegisters.Install(f, t);
        }
        f->R8 = r[0]; f->R9 = r[1]; f->R10 = r[2]; f->R11 = r[3]; f->R12 = r[4]; f->R13 = r[5]; f->R14 = r[6]; f->R15 = r[7];
        f->Rdi = r[8]; f->Rsi = r[9]; f->Rbp = r[10]; f->Rbx = r[11]; f->Rdx = r[12]; f->Rcx = r[14]; f->Rsp = r[15];
        f->Rip = r[16];
        f->Flags = f->Flags & ~UserFlags | r[17] & UserFlags | 0x202;
        f->Vector = 0; // not a call to be restarted
        ulong* uc = (ulong*)(image + UcontextAt);
        // A call that the handler interrupted is over: restart_syscall would find nothing to go on with.
        t->Restart.Function = null;
        t->AltStack = uc[2];
        t->AltStackSize = (((int*)uc)[6] & SsDisable) != 0 ? 0 : uc[4];
        SetMask(*(ulong*)(image + MaskAt));
        return (long)r[13];
    }

    private static long BadFrame(TrapFrame* f)
    {
        Fault(f, Signal.SEGV, SignalCode.Kernel, 0, 13);
        return -Errno.EFAULT;
    }
}
