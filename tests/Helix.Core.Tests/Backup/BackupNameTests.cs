using Helix.Core.Backup;

namespace Helix.Core.Tests.Backup;

public class BackupNameTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 29, 8, 1, 2, TimeSpan.Zero);

    [Theory]
    [InlineData("helix", false, "helix-20261129-080102.tar.gz")]
    [InlineData("helix", true, "helix-20261129-080102.tar.gz.enc")]
    [InlineData("before-restore", false, "before-restore-20261129-080102.tar.gz")]
    public void A_name_is_read_as_it_was_written(string prefix, bool encrypted, string text)
    {
        var name = new BackupName(prefix, s_at, encrypted);

        Assert.Equal(text, name.ToString());
        Assert.Equal(name, BackupName.Parse(text));
    }

    [Theory]
    [InlineData("helix-20261129-080102.tar.gz.bad")]
    [InlineData("helix-20261129-080102.tar.gz.new")]
    [InlineData("helix-20261329-080102.tar.gz")]
    [InlineData("mine-20261129-080102.tar.gz")]
    [InlineData("restore.json")]
    public void What_helix_did_not_name_is_no_backup(string text) => Assert.Null(BackupName.Parse(text));
}
