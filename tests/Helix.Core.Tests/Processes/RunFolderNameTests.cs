using CsCheck;
using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public sealed class RunFolderNameTests
{
    [Fact]
    public void However_long_the_home_a_sockets_path_has_room() =>
        Gen.Select(Gen.String[0, 400], Gen.String[Gen.Char.AlphaNumeric, 0, 120], Gen.UInt).Sample((home, runtime, user) =>
            RunFolderName.For(home, "/" + runtime, user).Length + "/engine-99999.sock".Length < 104);

    [Fact]
    public void The_users_own_runtime_folder_goes_before_the_common_one()
    {
        Assert.StartsWith("/run/user/1000/helix-", RunFolderName.For("/home/a/.helixcode", "/run/user/1000/", 1000), StringComparison.Ordinal);
        Assert.StartsWith("/tmp/helix-1000-", RunFolderName.For("/home/a/.helixcode", null, 1000), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/odd;folder")]
    [InlineData("")]
    public void A_runtime_folder_that_cannot_be_used_is_passed_over(string runtime) =>
        Assert.StartsWith("/tmp/helix-7-", RunFolderName.For("/home/a/.helixcode", runtime, 7), StringComparison.Ordinal);

    [Fact]
    public void Two_homes_have_two_folders() =>
        Assert.NotEqual(RunFolderName.For("/home/a", null, 1), RunFolderName.For("/home/b", null, 1));
}
