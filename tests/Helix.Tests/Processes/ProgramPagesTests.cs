using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class ProgramPagesTests
{
    [Fact]
    public void Only_what_can_be_read_alone_and_is_as_in_the_file_is_let_go()
    {
        string[] told =
        [
            "00400000-00404000 r--p 00000000 fe:00 131   /opt/a helix/helix", "Rss: 16 kB", "Anonymous:             0 kB", "Swap: 0 kB",
            "00404000-0188e000 r-xp 00004000 fe:00 131   /opt/a helix/helix", "Rss: 16 kB", "Anonymous:             0 kB", "Swap: 0 kB",
            "02677000-02678000 r--p 02277000 fe:00 131   /opt/a helix/helix", "Rss: 4 kB", "Anonymous:             4 kB", "Swap: 0 kB",
            "02679000-0389c000 rw-p 02279000 fe:00 131   /opt/a helix/helix", "Rss: 4 kB", "Anonymous:             0 kB", "Swap: 0 kB",
            "7f0000000000-7f0000100000 r-xp 00000000 fe:00 7   /usr/lib/libc.so.6", "Anonymous:             0 kB", "Swap: 0 kB",
            "7f0000200000-7f0000300000 rw-p 00000000 00:00 0", "Anonymous:           900 kB", "Swap: 0 kB",
            "02678000-02679000 r--p 02278000 fe:00 131   /opt/a helix/helix", "Rss: 0 kB", "Anonymous:             0 kB", "Swap:                  4 kB",
            "wrong-line r-xp 0 0 0 /opt/a helix/helix", "Anonymous:             0 kB", "Swap: 0 kB",
        ];

        Assert.Equal([(0x400000, 0x404000), (0x404000, 0x188e000)], ProgramPages.Untouched(told, "/opt/a helix/helix"));
    }

    [Fact]
    public void Of_what_the_system_does_not_tell_nothing_is_let_go()
    {
        string[] told = ["00400000-00404000 r--p 00000000 fe:00 131   /opt/helix", "Rss: 16 kB", "Anonymous:             0 kB"];

        Assert.Empty(ProgramPages.Untouched(told, "/opt/helix"));
    }

    [Fact]
    public void A_system_that_tells_nothing_of_memory_ends_nobody()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells of a process's memory there");
        var nowhere = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "smaps");

        if (OperatingSystem.IsLinux()) ProgramPages.LetGo(nowhere);

        Assert.False(File.Exists(nowhere));
    }

    [Fact]
    public void Who_has_let_go_of_his_program_goes_on_in_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells of a process's memory there");

        if (OperatingSystem.IsLinux()) ProgramPages.LetGo();

        Assert.NotEmpty(File.ReadAllLines("/proc/self/smaps"));
    }
}
