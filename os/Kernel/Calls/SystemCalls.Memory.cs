namespace CoSim.Os;

/// <summary>Address space calls.</summary>
public static unsafe partial class SystemCalls
{
    private static void RegisterMemory()
    {
        Set(Nr.Mmap, &Mmap);
        Set(Nr.Munmap, &Munmap);
        Set(Nr.Mprotect, &Mprotect);
        Set(Nr.Mremap, &Mremap);
        Set(Nr.Brk, &Brk);
        Set(Nr.Madvise, &Madvise);
        Set(Nr.Msync, &Succeed);
        Set(Nr.Mlock, &Succeed);
        Set(Nr.Munlock, &Succeed);
        Set(Nr.Mlockall, &Succeed);
        Set(Nr.Munlockall, &Succeed);
    }

    /// <summary>For calls whose effect is always there: all memory is locked, all files are in memory.</summary>
    private static long Succeed(TrapFrame* f) => 0;

    private static long Mmap(TrapFrame* f)
    {
        ulong address = f->Rdi, length = f->Rsi, offset = f->R9;
        int prot = (int)f->Rdx, flags = (int)f->R10;
        if (length == 0 || (offset & 4095) != 0) return -Errno.EINVAL;
        int type = flags & MapFlags.TypeMask;
        if (type is not (MapFlags.Shared or MapFlags.Private or MapFlags.SharedValidate)) return -Errno.EINVAL;
        length = Bits.AlignUp(length, 4096);
        if (length == 0 || length > KernelMap.UserEnd) return -Errno.ENOMEM;
        Vma v = default;
        v.Prot = prot & 7;
        v.Shared = type != MapFlags.Private;
        v.FileOffset = offset;
        File* file = null;
        if ((flags & MapFlags.Anonymous) == 0)
        {
            file = FileTable.Get((int)f->R8);
            if (file == null) return -Errno.EBADF;
            int r = 0;
            if (!file->CanRead || v.Shared && (prot & MapFlags.ProtWrite) != 0 && !file->CanWrite) r = -Errno.EACCES;
            else if (file->Inode->Type != FileMode.Regular || file->Inode->FileOps != RamFs.FileOps) r = -Errno.ENODEV;
            if (r != 0)
            {
                File.Put(file);
                return r;
            }
            v.Kind = VmaKind.File;
            v.Inode = file->Inode;
            v.Dentry = file->Dentry;
        }
        else if (v.Shared)
        {
            v.Kind = VmaKind.File;
            v.FileOffset = 0;
            v.Inode = Inode.Create(FileMode.Regular | 0x180, RamFs.FileOps);
            if (v.Inode == null) return -Errno.ENOMEM;
            v.Inode->Unnamed = true;
        }
        long result = Place(&v, address, length, flags);
        if (file != null) File.Put(file);
        else if (v.Inode != null) Inode.Put(v.Inode);
        return result;
    }

    private static long Place(Vma* v, ulong address, ulong length, int flags)
    {
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        long result;
        mm->Lock.Acquire();
        if ((flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0)
        {
            if ((address & 4095) != 0) result = -Errno.EINVAL;
            else if (address > KernelMap.UserEnd - length) result = -Errno.ENOMEM;
            else if (address < AddressSpace.LowestAddress) result = -Errno.EPERM;
            else if ((flags & MapFlags.FixedNoReplace) != 0 && !AddressSpace.IsFree(mm, address, address + length)) result = -Errno.EEXIST;
            else result = AddressSpace.Unmap(mm, address, address + length);
        }
        else
        {
            address = Bits.AlignUp(address, 4096);
            bool hint = address >= AddressSpace.LowestAddress && address <= KernelMap.UserEnd - length && AddressSpace.IsFree(mm, address, address + length);
            if (!hint) address = AddressSpace.FindFree(mm, length);
            result = address == 0 ? -Errno.ENOMEM : 0;
        }
        if (result == 0)
        {
            v->Start = address;
            v->End = address + length;
            result = AddressSpace.Insert(mm, v) == null ? -Errno.ENOMEM : (long)address;
        }
        mm->Lock.Release();
        return result;
    }

    private static bool Range(ulong start, ref ulong length)
    {
        if ((start & 4095) != 0 || length > KernelMap.UserEnd) return false;
        length = Bits.AlignUp(length, 4096);
        return start <= KernelMap.UserEnd && length <= KernelMap.UserEnd - start;
    }

    private static long Munmap(TrapFrame* f)
    {
        ulong length = f->Rsi;
        if (length == 0 || !Range(f->Rdi, ref length)) return -Errno.EINVAL;
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        mm->Lock.Acquire();
        int r = AddressSpace.Unmap(mm, f->Rdi, f->Rdi + length);
        mm->Lock.Release();
        return r;
    }

    private static long Mprotect(TrapFrame* f)
    {
        ulong length = f->Rsi;
        if ((f->Rdi & 4095) != 0 || (f->Rdx & ~7UL & ~0x3000000UL) != 0) return -Errno.EINVAL;
        if (length == 0) return 0;
        if (!Range(f->Rdi, ref length)) return -Errno.ENOMEM;
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        mm->Lock.Acquire();
        int r = AddressSpace.Protect(mm, f->Rdi, f->Rdi + length, (int)f->Rdx & 7);
        mm->Lock.Release();
        return r;
    }

    private static long Brk(TrapFrame* f)
    {
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        ulong wanted = f->Rdi;
        mm->Lock.Acquire();
        ulong old = Bits.AlignUp(mm->Brk, 4096), top = Bits.AlignUp(wanted, 4096);
        if (wanted >= mm->BrkStart && wanted < KernelMap.UserEnd)
        {
            bool ok = true;
            if (top > old)
            {
                Vma v = default;
                v.Kind = VmaKind.Anonymous;
                v.Prot = MapFlags.ProtRead | MapFlags.ProtWrite;
                v.Name = Text.Literal("[heap]"u8);
                v.Start = old;
                v.End = top;
                ok = AddressSpace.IsFree(mm, old, top) && AddressSpace.Insert(mm, &v) != null;
            }
            else if (top < old) ok = AddressSpace.Unmap(mm, top, old) == 0;
            if (ok) mm->Brk = wanted;
        }
        ulong now = mm->Brk;
        mm->Lock.Release();
        return (long)now;
    }

    private static long Madvise(TrapFrame* f)
    {
        const int DontNeed = 4, Free = 8;
        ulong length = f->Rsi;
        if (!Range(f->Rdi, ref length)) return -Errno.EINVAL;
        int advice = (int)f->Rdx;
        if (advice != DontNeed && advice != Free) return advice is >= 0 and <= 21 ? 0 : -Errno.EINVAL;
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        mm->Lock.Acquire();
        AddressSpace.ReleasePages(mm, f->Rdi, f->Rdi + length, true);
        mm->Lock.Release();
        return 0;
    }

    private static long Mremap(TrapFrame* f)
    {
        const int MayMove = 1, Fixed = 2;
        ulong old = f->Rdi, oldLength = f->Rsi, newLength = Bits.AlignUp(f->Rdx, 4096);
        int flags = (int)f->R10;
        if (newLength == 0 || (flags & ~(MayMove | Fixed)) != 0 || !Range(old, ref oldLength) || newLength > KernelMap.UserEnd) return -Errno.EINVAL;
        if ((flags & Fixed) != 0) return -Errno.EINVAL;
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        mm->Lock.Acquire();
        long r = AddressSpace.Remap(mm, old, oldLength, newLength, (flags & MayMove) != 0);
        mm->Lock.Release();
        return r;
    }
}
