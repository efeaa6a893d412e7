using Gtc.Fleet.Agent.Device;

namespace Gtc.Fleet.Agent.Tests.Device;

public sealed class Pages_of_the_program_are_given_back
{
    private static readonly string[] Smaps =
    [
        .. Mapping("10000-20000 r-xp 00000000 fe:00 1    /opt/a program", 0),
        .. Mapping("20000-28000 rw-p 00010000 fe:00 1    /opt/a program", 0),
        .. Mapping("30000-31000 r--p 00018000 fe:00 1    /opt/a program", 4),
        .. Mapping("40000-44000 r--s 00019000 fe:00 1    /opt/a program", 0),
        .. Mapping("50000-54000 r-xp 00000000 fe:00 2    /usr/lib/libc.so.6", 0),
        .. Mapping("60000-64000 r--p 00000000 00:00 0 ", 0),
        .. Mapping("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]", 0),
    ];

    [Fact]
    public void Only_what_is_the_files_own_and_cannot_be_written() =>
        ProgramPages.Find(Smaps, "/opt/a program").ShouldBe([((nint)0x10000, (nuint)0x10000), ((nint)0x40000, (nuint)0x4000)]);

    [Fact]
    public void A_process_goes_on_without_them() => Should.NotThrow(ProgramPages.GiveBack);

    private static string[] Mapping(string head, int anonymous) => [head, "Size:   64 kB", "Rss:   64 kB", $"Anonymous:   {anonymous} kB", "VmFlags: rd ex mr mw me sd"];
}
