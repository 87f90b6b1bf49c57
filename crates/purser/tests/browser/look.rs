//! Looking at a page as WCAG 2.2 AA asks: enough contrast, nothing that scrolls sideways, one heading; and a picture.
//! Refuses to judge beauty: that is for whoever looks at the pictures.

use std::path::PathBuf;

use thirtyfour::prelude::*;

/// Where pictures go, if anywhere.
const PICTURES: &str = "PURSER_TEST_PICTURES";

/// Every text whose contrast with what is behind it is too low, in words.
const LOW_CONTRAST: &str = r#"
    const luminance = ([r, g, b]) => {
        const part = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const color = text => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const ground = element => {
        for (let at = element; at; at = at.parentElement) {
            const found = color(getComputedStyle(at).backgroundColor);
            if (found[3] === 255) return found;
        }
        return color(getComputedStyle(document.documentElement).backgroundColor);
    };
    const low = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim();
        const element = walker.currentNode.parentElement;
        if (!text || !element.checkVisibility() || element.closest('.vh, .skip, svg, [disabled], .off')) continue;
        const style = getComputedStyle(element);
        const [light, dark] = [luminance(color(style.color)), luminance(ground(element))].sort((a, b) => b - a);
        const ratio = (light + 0.05) / (dark + 0.05);
        const large = parseFloat(style.fontSize) >= 24;
        if (ratio < (large ? 3 : 4.5)) low.push(ratio.toFixed(2) + ' ' + text.slice(0, 40));
    }
    return low;
"#;

/// How far the page is wider than the window.
const SIDEWAYS: &str = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// Checks a page, keeps a picture of it if asked for, and returns what is wrong in words.
pub async fn at(browser: &WebDriver, name: &str) -> WebDriverResult<Vec<String>> {
    let mut wrong: Vec<String> = browser.execute(LOW_CONTRAST, Vec::new()).await?.convert()?;
    wrong.iter_mut().for_each(|text| text.insert_str(0, "too little contrast: "));
    let sideways: i64 = browser.execute(SIDEWAYS, Vec::new()).await?.convert()?;
    if sideways > 0 {
        wrong.push(format!("scrolls sideways by {sideways} px"));
    }
    for element in ["h1", "main"] {
        let count = browser.find_all(By::Css(element)).await?.len();
        if count != 1 {
            wrong.push(format!("has {count} {element}"));
        }
    }
    if let Ok(folder) = std::env::var(PICTURES) {
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = PathBuf::from(folder).join(format!("{name}.png"));
        std::fs::write(file, whole_page(browser).await?).expect("a picture");
    }
    Ok(wrong.into_iter().map(|what| format!("{name}: {what}")).collect())
}

/// A picture of the page to its end.
async fn whole_page(browser: &WebDriver) -> WebDriverResult<Vec<u8>> {
    let height: i64 =
        browser.execute("return document.documentElement.scrollHeight", Vec::new()).await?.convert()?;
    let before = browser.get_window_rect().await?;
    let height = u32::try_from(height).unwrap_or(2_000).min(8_000);
    browser.set_window_rect(0, 0, u32::try_from(before.width).unwrap_or(1_280), height + 200).await?;
    let picture = browser.screenshot_as_png().await?;
    browser.set_window_rect(0, 0, u32::try_from(before.width).unwrap_or(1_280), 900).await?;
    Ok(picture)
}
