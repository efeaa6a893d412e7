using Gtc.Flows.Tests.Components;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>The console in a real browser: what a person sees, types and presses.</summary>
public sealed class People_talk_in_the_console : IDisposable
{
    private const string Bubbles = "[...document.querySelectorAll('#log > li')]";

    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_greeting_a_word_a_button_and_the_next_card()
    {
        await using var browser = await Browser.StartAsync();
        await _lab.RouteOneAsync(await TalkBundle.CardsAsync(_lab, TestComponents.Echo()));
        await using var worker = (await _lab.BootAsync()).Value;

        await browser.OpenAsync(new Uri($"http://{worker.Address}/chat"));
        await browser.HoldsAsync("document.querySelectorAll('.card').length === 1");
        (await browser.AskAsync("document.querySelector('.card').innerText")).ShouldContain("What would you like to explore?");
        (await browser.AskAsync("document.activeElement.id")).ShouldBe("text");
        (await browser.AskAsync("document.querySelector('label[for=text]').textContent")).ShouldBe("Message");
        await browser.PictureAsync("1-greeting");

        await browser.TypeAsync("hello <b>there</b>");
        await browser.PressAsync("Enter", 13);
        await browser.HoldsAsync("document.querySelectorAll('.card').length === 2");
        (await browser.AskAsync($"{Bubbles}[1].querySelector('.bubble').textContent")).ShouldBe("hello <b>there</b>");
        await browser.PictureAsync("2-typed");

        await browser.ClickAsync("[...document.querySelectorAll('.card button')].findLast(button => button.textContent === 'About')");
        await browser.HoldsAsync("document.querySelectorAll('.card').length === 3");
        (await browser.AskAsync("[...document.querySelectorAll('.card')].at(-1).innerText")).ShouldContain("About Greentic");
        (await browser.AskAsync($"{Bubbles}[3].querySelector('.bubble').textContent")).ShouldBe("About");
        await browser.PreferAsync("dark");
        await browser.PictureAsync("3-next-card-dark");
        browser.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_card_shows_its_parts_sends_what_was_filled_in_and_never_becomes_markup()
    {
        await using var browser = await Browser.StartAsync();
        await _lab.RouteOneAsync(await TalkBundle.EmitAsync(_lab, TalkBundle.EveryPart));
        await using var worker = (await _lab.BootAsync()).Value;
        await browser.OpenAsync(new Uri($"http://{worker.Address}/chat"));
        await browser.HoldsAsync("document.querySelectorAll('.card').length >= 1");

        (await browser.AskAsync("document.querySelector('.words').textContent")).ShouldBe("<img src=x onerror=\"window.broken=1\">");
        (await browser.AskAsync("window.broken")).ShouldBe("undefined");
        (await browser.AskAsync("document.querySelectorAll('.card a').length")).ShouldBe("1");
        (await browser.AskAsync("document.querySelector('.card a').href")).ShouldBe("https://example.com/");
        (await browser.AskAsync("document.querySelector('.facts').innerText.replace(/\\s+/g, ' ')")).ShouldBe("Size large");
        (await browser.AskAsync("[...document.querySelectorAll('.card button')].map(button => button.textContent).join()")).ShouldBe("More,Send,Deeper,Read");

        // A name is needed: without one the field says so, and nothing is sent.
        await browser.ClickAsync("[...document.querySelectorAll('.card button')].find(button => button.textContent === 'Send')");
        await browser.HoldsAsync("!document.querySelector('.problem').hidden && document.activeElement.getAttribute('aria-invalid') === 'true'");
        await browser.TypeAsync("Ada");
        (await browser.AskAsync("document.querySelector('.problem').hidden")).ShouldBe("true");
        await browser.ClickAsync("document.querySelector('input[type=checkbox]')");
        await browser.ClickAsync("[...document.querySelectorAll('.card button')].find(button => button.textContent === 'More')");
        await browser.PictureAsync("4-every-part");
        await browser.AskAsync("(() => { const send = window.fetch; window.fetch = (url, call) => { window.sent = JSON.stringify(JSON.parse(call.body).payload); return send(url, call); }; })()");
        await browser.ClickAsync("[...document.querySelectorAll('.card button')].find(button => button.textContent === 'Send')");
        await browser.HoldsAsync("window.sent !== undefined");
        (await browser.AskAsync("window.sent")).ShouldBe("""{"action":"order","name":"Ada","colour":"red","agree":"yes","note":""}""");
        browser.Complaints.ShouldBeEmpty();
    }
}
