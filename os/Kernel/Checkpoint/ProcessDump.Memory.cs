namespace CoSim.Os;

/// <summary>Address spaces and the pages that are theirs alone.</summary>
internal static unsafe partial class ProcessDump
{
    private static int WriteMemories(ImageObjects* o, ImageWriter* w)
    {
        for (int i = 0; i < o->Memories.Count; i++)
        {
            AddressSpace* mm = (AddressSpace*)o->Memories.At((ulong)i);
            WriteMemory(mm, (ulong)i, o, w);
            for (Vma* v = mm->First; v != null; v = v->Next)
            {
                if (v->Kind == VmaKind.Special) continue;
                WriteMapping(v, (ulong)i, o, w);
                if (!v->Shared) WritePages(mm, v, (ulong)i, w);
            }
        }
        return 0;
    }

    private static void WriteMemory(AddressSpace* mm, ulong id, ImageObjects* o, ImageWriter* w)
    {
        w->Begin(ImageRecord.Memory, 16 + 48);
        w->Word(id);
        w->Word(o->Inodes.Id(mm->Executable == null ? null : mm->Executable->Inode));
        w->Word(mm->BrkStart);
        w->Word(mm->Brk);
        w->Word(mm->MmapTop);
        w->Word(mm->StackStart);
        w->Word(mm->ArgStart);
        w->Word(mm->ArgEnd);
        w->Word(mm->EnvStart);
        w->Word(mm->EnvEnd);
        w->Word(mm->CodeStart);
        w->Word(mm->CodeEnd);
        w->Word(mm->DataStart);
        w->Word(mm->DataEnd);
        w->Word(mm->VdsoBase);
        w->Word(mm->NotDumpable);
        w->Bytes(&mm->Aux, 48 * 8);
    }

    private static void WriteMapping(Vma* v, ulong memory, ImageObjects* o, ImageWriter* w)
    {
        w->Begin(ImageRecord.Mapping, 10);
        w->Word(memory);
        w->Word(v->Start);
        w->Word(v->End);
        w->Word((ulong)v->Prot);
        w->Word(v->Shared);
        w->Word(v->GrowsDown);
        w->Word(v->DontFork);
        w->Word(o->Inodes.Id(v->Inode));
        w->Word(v->FileOffset);
        w->Word(v->Name != null);
    }

    private static void WritePages(AddressSpace* mm, Vma* v, ulong memory, ImageWriter* w)
    {
        for (ulong address = v->Start; address < v->End; address += KernelMap.PageSize)
        {
            ulong page = AddressSpace.PrivatePage(mm, v, ref address);
            if (page == 0) return;
            w->Begin(ImageRecord.Page, 2 + KernelMap.PageSize / 8);
            w->Word(memory);
            w->Word(address);
            w->Bytes(DirectMap.Pointer(page), KernelMap.PageSize);
        }
    }
}
