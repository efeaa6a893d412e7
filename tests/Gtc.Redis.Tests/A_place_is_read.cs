namespace Gtc.Redis.Tests;

public class A_place_is_read
{
    [Theory]
    [InlineData("redis://h", "redis://h:6379/0", null, null)]
    [InlineData("redis://:p%40ss@h:1/2", "redis://h:1/2", null, "p@ss")]
    [InlineData("rediss://u:p@h:7000", "rediss://h:7000/0", "u", "p")]
    [InlineData("unix:///run/redis/s.sock?db=4", "unix:/run/redis/s.sock", null, null)]
    public void A_URL_says_where_and_who(string url, string place, string? user, string? password)
    {
        RedisOptions.TryParse(url, out var options, out var expected).ShouldBeTrue();
        options.Place.ShouldBe(place);
        options.User.ShouldBe(user);
        options.Password.ShouldBe(password);
        options.Database.ShouldBe(url.EndsWith('4') ? 4 : url.EndsWith('2') ? 2 : 0);
        expected.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("h:6379")]
    [InlineData("http://h")]
    [InlineData("redis://h/x")]
    [InlineData("redis://h/1?x=y")]
    [InlineData("unix://h/x")]
    [InlineData("unix:///")]
    [InlineData("redis://h#f")]
    public void Anything_else_is_refused_with_what_was_expected(string url)
    {
        RedisOptions.TryParse(url, out _, out var expected).ShouldBeFalse();
        expected!.ShouldContain("redis://");
    }
}
